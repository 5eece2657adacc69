package dev.tenon.batch;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.tensor.Datum;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Computes calls: a session, or an engine of a test. Safe for any number of threads. */
public interface Engine {
    /** Throws if a run would not take the inputs. */
    void check(Map<String, ? extends Datum> inputs);

    /** Runs a call on this thread. The condition ends it before a step; it may be null. */
    Outputs run(Map<String, ? extends Datum> inputs, BooleanSupplier stop);

    /** The engine of a session. */
    static Engine of(Session session) {
        return new Engine() {
            @Override
            public void check(Map<String, ? extends Datum> inputs) {
                session.check(inputs);
            }

            @Override
            public Outputs run(Map<String, ? extends Datum> inputs, BooleanSupplier stop) {
                return stop == null ? session.predict(inputs) : session.predict(inputs, stop);
            }
        };
    }
}
