/**
 * Models by name and version: {@link dev.tenon.serving.versions.Models} changes them while calls go on,
 * {@link dev.tenon.serving.versions.Route} says which version a call gets, {@link dev.tenon.serving.versions.Trial} and
 * {@link dev.tenon.serving.versions.Compare} judge them. {@code Deployment} is the state of one name: a change makes a new one.
 *
 * <p>Must not live here: how a version takes its calls; each has a {@link dev.tenon.serving.batch.Batcher}. To add a rule that
 * gives a version up: a record that implements {@link dev.tenon.serving.versions.Route.Rule}, and a case in
 * {@code CanaryWatch}.
 */
package dev.tenon.serving.versions;
