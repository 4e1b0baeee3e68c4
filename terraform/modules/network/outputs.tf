output "vpc_id" {
  description = "Id of the network."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "The network's range."
  value       = aws_vpc.this.cidr_block
}

output "public_subnets" {
  description = "Zone => id of its public subnet: for load balancers alone."
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "public_cidrs" {
  description = "Ranges of the public subnets, in which the load balancer's own addresses are."
  value       = [for subnet in aws_subnet.public : subnet.cidr_block]
}

output "private_subnets" {
  description = "Zone => id of its subnet for processes."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "data_subnets" {
  description = "Zone => id of its subnet for stores, without a way out."
  value       = { for zone, subnet in aws_subnet.data : zone => subnet.id }
}

output "nat_addresses" {
  description = "Zone => public address by which its processes reach others."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}
