package dev.tenon.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Another version of a model serves, or another route. */
@Name("dev.tenon.Swap")
@Label("Version Changed")
@Category("Tenon")
@StackTrace(false)
final class SwapEvent extends Event {
    @Label("Model")
    String model;

    @Label("From")
    String from;

    @Label("To")
    String to;

    @Label("Reason")
    String reason;
}
