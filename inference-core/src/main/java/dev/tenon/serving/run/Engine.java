package dev.tenon.serving.run;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.tensor.Datum;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Computes calls: a session, or an engine of a test. Safe for any number of threads. */
public interface Engine {
    /**
     * Checks inputs.
     *
     * @param inputs the inputs of a call
     * @throws dev.tenon.error.InvalidInputException if a run would not take them
     */
    void check(Map<String, ? extends Datum> inputs);

    /**
     * Runs a call on this thread.
     *
     * @param inputs the inputs of the call
     * @param stop ends the call before a step at which it holds; may be null
     * @return the outputs, which share no memory with the inputs
     */
    Outputs run(Map<String, ? extends Datum> inputs, BooleanSupplier stop);

    /**
     * The engine of a session.
     *
     * @param session computes the calls
     * @return the engine
     */
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
