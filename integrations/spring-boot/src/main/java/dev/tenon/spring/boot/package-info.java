/**
 * Tenon in Spring Boot: {@link dev.tenon.spring.boot.TenonAutoConfiguration} makes the registry of models that the properties
 * {@code tenon.serving.*} name, an indicator of health, meters and observed calls.
 *
 * <p>An application has no class of this package in its own code but {@link dev.tenon.spring.boot.TenonProperties}, if at
 * all: it injects {@code dev.tenon.serving.versions.Models}. Controllers must not live here, nor meters, which are in
 * {@code dev.tenon.micrometer}. A new property is a component of {@link dev.tenon.spring.boot.TenonProperties} and a line of
 * {@code spring-configuration-metadata.json}.
 */
package dev.tenon.spring.boot;
