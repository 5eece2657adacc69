package dev.tenon;

import dev.tenon.graph.control.StandardOperators;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Work for the first session of a process that a second thread does while the caller does other work. Whoever needs a result
 * earlier makes it, or waits until it is made, so nothing depends on this thread. It ends when its work is done.
 */
final class Ahead {
    private static final AtomicBoolean OF_MODEL = new AtomicBoolean();
    private static final AtomicBoolean OF_SESSION = new AtomicBoolean();

    private Ahead() {}

    /**
     * Detects the tiers, while the caller reads a model, and then makes the rules of the operators that the reader has met by
     * then. The JVM takes tens of milliseconds to link its first native function, and about as many to load and link rules.
     */
    static void ofModel() {
        if (!OF_MODEL.getAndSet(true)) {
            start(() -> {
                Tenon.tiers();
                // Readers need no class of rules, so no thread waits for a class that the other one initialises.
                Set<Class<? extends Op>> operators = new LinkedHashSet<>();
                for (OpDefinition<?> met : StandardOperators.set().made()) {
                    operators.add(met.type());
                }
                StandardRules.FLOATS.rules().prepare(operators);
            });
        }
    }

    /**
     * Makes the other rules, while the caller applies the first passes to the graph of its session. It does nothing for later
     * sessions, which find nearly all of them made, and on a single processor.
     *
     * @param preparation makes the rules
     */
    static void ofSession(Runnable preparation) {
        if (Runtime.getRuntime().availableProcessors() > 1 && !OF_SESSION.getAndSet(true)) {
            start(preparation);
        }
    }

    private static void start(Runnable work) {
        Runnable silent = () -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                // The caller meets the same failure when it needs the result.
                System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "work ahead of a session failed", e);
            }
        };
        Thread thread = new Thread(null, silent, "tenon-ahead", 0, false);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            // Without the thread the caller does the work when it needs the result.
            System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "no thread for work ahead of a session", e);
        }
    }
}
