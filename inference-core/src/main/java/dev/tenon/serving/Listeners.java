package dev.tenon.serving;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Tells listeners, and counts the exceptions that they throw. Safe for any number of threads. */
final class Listeners {
    private final List<PredictionListener> all;
    private final LongAdder failures = new LongAdder();

    Listeners(List<PredictionListener> all) {
        this.all = List.copyOf(all);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    long failures() {
        return failures.sum();
    }

    void tell(Consumer<PredictionListener> report) {
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
