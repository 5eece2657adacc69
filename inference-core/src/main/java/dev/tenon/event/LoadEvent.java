package dev.tenon.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A version of a model was loaded, or could not be. */
@Name("dev.tenon.Load")
@Label("Model Loaded")
@Category("Tenon")
@StackTrace(false)
final class LoadEvent extends Event {
    @Label("Model")
    String model;

    @Label("Version")
    String version;

    @Timespan(Timespan.NANOSECONDS)
    @Label("Load time")
    long loadNanos;

    @Label("Failure")
    String failure;
}
