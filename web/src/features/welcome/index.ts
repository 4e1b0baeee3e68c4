export { WelcomeScreen } from "./welcome-screen.tsx";
export { BannedScreen } from "./banned-screen.tsx";
