/**
 * Tenon in Micrometer: {@link dev.tenon.micrometer.TenonMeters} binds meters, {@link dev.tenon.micrometer.ObservedModels} observes
 * calls.
 *
 * <p>This package translates reports of {@code dev.tenon.serving}. Counts that Tenon does not report must not be made up here. A new meter is a
 * method of {@code PredictionListener} in {@link dev.tenon.micrometer.TenonMeters}, and a line of its list.
 */
package dev.tenon.micrometer;
