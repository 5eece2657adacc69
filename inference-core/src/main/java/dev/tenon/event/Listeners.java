package dev.tenon.event;

import dev.tenon.serving.PredictionListener;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Tells listeners, and counts the exceptions that they throw. Safe for any number of threads. */
public final class Listeners {
    private final List<PredictionListener> all;
    private final LongAdder failures = new LongAdder();

    /**
     * Tells some listeners.
     *
     * @param all the listeners
     */
    public Listeners(List<PredictionListener> all) {
        this.all = List.copyOf(all);
    }

    /** {@return whether there is nobody to tell} */
    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** {@return how many exceptions listeners have thrown} */
    public long failures() {
        return failures.sum();
    }

    /**
     * Tells all of them.
     *
     * @param report calls the method of a listener
     */
    public void tell(Consumer<PredictionListener> report) {
        for (PredictionListener listener : all) {
            try {
                report.accept(listener);
            } catch (Throwable e) {
                // Checked exceptions come from other languages. Whatever it is, calls of others must not suffer.
                failures.increment();
            }
        }
    }
}
