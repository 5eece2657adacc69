/**
 * An application on {@code tenon-spring-boot-starter}: it tells how near sentences are to each other. It has a controller, the
 * translation of failures to statuses of HTTP, and nothing of Tenon's configuration.
 */
package dev.tenon.samples.spring;
