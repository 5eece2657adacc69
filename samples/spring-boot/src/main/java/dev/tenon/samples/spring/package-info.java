/**
 * Tenon in Spring Boot: {@link dev.tenon.samples.spring.TenonAutoConfiguration} makes the registry of models that the properties
 * {@code tenon.serving.*} name, an indicator of health and meters.
 *
 * <p>An application has no class of this package in its own code but {@link dev.tenon.samples.spring.TenonProperties}, if at
 * all: it
 * injects {@code dev.tenon.serving.versions.Models}. Controllers must not live here. A new meter is a line of
 * {@link dev.tenon.samples.spring.TenonMetrics}.
 */
package dev.tenon.samples.spring;
