//! One log line: a flat JSON object with the trace it belongs to.

use std::fmt;

use opentelemetry::{Context, trace::TraceContextExt};
use serde::{Serializer, ser::SerializeMap};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing::{Event, Subscriber, dispatcher};
use tracing_opentelemetry::get_otel_context;
use tracing_serde::SerdeMapVisitor;
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// Formats events as JSON lines.
pub(crate) struct JsonLines {
    pub(crate) service: &'static str,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let trace = context.lookup_current().and_then(|span| {
            dispatcher::get_default(|dispatch| get_otel_context(&span.id(), dispatch))
        });
        let line = self.line(event, trace).map_err(|_| fmt::Error)?;
        writeln!(writer, "{}", String::from_utf8_lossy(&line))
    }
}

impl JsonLines {
    fn line(&self, event: &Event<'_>, trace: Option<Context>) -> serde_json::Result<Vec<u8>> {
        let mut line = Vec::with_capacity(256);
        let mut json = serde_json::Serializer::new(&mut line);
        let mut map = json.serialize_map(None)?;
        let now = OffsetDateTime::now_utc().format(&Rfc3339);
        map.serialize_entry("timestamp", &now.unwrap_or_default())?;
        map.serialize_entry("level", event.metadata().level().as_str())?;
        map.serialize_entry("service", self.service)?;
        map.serialize_entry("target", event.metadata().target())?;
        if let Some(trace) = trace {
            let span = trace.span();
            let ids = span.span_context();
            map.serialize_entry("trace_id", &ids.trace_id().to_string())?;
            map.serialize_entry("span_id", &ids.span_id().to_string())?;
        }
        let mut fields = SerdeMapVisitor::new(map);
        event.record(&mut fields);
        fields.finish()?;
        Ok(line)
    }
}
