package dev.tenon.serving.run;

import dev.tenon.Session;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;

/**
 * A model as it is served.
 *
 * @param name its name in messages, events and reports
 * @param engine computes its calls
 * @param groups which of its calls may run together
 */
public record Served(String name, Engine engine, RowGroups groups) {
    /**
     * The model of a session. With {@link BatchOptions#maxRows} above 1 this runs samples to prove that it is batchable.
     *
     * @param session computes the calls
     * @param options how calls are merged
     * @return the model
     * @throws NotBatchableException if rows of several calls can't be computed together, or the session has states
     * @throws dev.tenon.error.InvalidOptionException if the options do not go together
     * @throws dev.tenon.error.ResourceLimitException if there is not enough memory for the samples, or for the most rows
     */
    public static Served of(Session session, BatchOptions options) {
        if (!session.options().states().isEmpty()) {
            throw new NotBatchableException(
                    "a session of model '" + session.model().name() + "'",
                    "states: " + session.options().states(),
                    "sessions without SessionOptions.state, whose calls do not depend on each other",
                    "call Session.predict, one call at a time for each state");
        }
        String name = options.name().isEmpty() ? session.model().graph().name() : options.name();
        Engine engine = Engine.of(session);
        Rows rows = options.maxRows() == 1 ? null : BatchProof.rows(session.model(), options);
        RowGroups groups = new RowGroups(rows, options);
        if (rows != null) {
            new BatchProof(session.model(), engine, rows, options).prove(groups::of);
        }
        return new Served(name, engine, groups);
    }
}
