"""The mapping as deployments know it: templates read, exports written, and whether what is deployed fits the code."""
