package dev.tenon.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The bytes on the heap that a round of calls allocates in the steady state. Vector code allocates until it is compiled,
 * and the number of calls until then depends on the machine. So rounds are repeated until two in a row stay within a
 * bound. A call that always allocates does so in all rounds.
 *
 * @param caller the bytes that the calling thread allocates
 * @param workers the bytes that the workers of Tenon allocate
 */
public record Allocation(long caller, long workers) {
    /** No allocation. */
    public static final Allocation NOTHING = new Allocation(0, 0);

    /** Calls count as compiled when the compiler has had nothing to do for this time. */
    private static final long QUIET_NANOS = 10_000_000_000L;

    /** The longest time that a measurement waits for the compiler. */
    private static final long PATIENCE_NANOS = 240_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

    /**
     * Whether a method waits to be compiled, or is being compiled. On a busy machine it may wait for many seconds, in which the
     * compiler ends no compilation.
     */
    private static boolean isCompiling() {
        try {
            Object queues = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "compilerQueue",
                            new Object[0],
                            new String[0]);
            // Lines of current compilations name their threads, and a queue without methods is "Empty".
            return queues.toString()
                    .lines()
                    .anyMatch(line -> line.contains("CompilerThread") || line.matches("\\s*\\d+ .*"));
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isWithin(Allocation bound) {
        return caller <= bound.caller && workers <= bound.workers;
    }

    /** The bytes that each worker has allocated since its start. */
    private static Map<Thread, Long> allocatedByWorkers() {
        Map<Thread, Long> bytes = new HashMap<>();
        for (Thread t : Thread.getAllStackTraces().keySet()) {
            if (t.getName().startsWith("tenon-worker-")) {
                bytes.put(t, THREADS.getThreadAllocatedBytes(t.threadId()));
            }
        }
        return bytes;
    }

    /** {@return whether a worker runs in this JVM} */
    public static boolean areThereWorkers() {
        return !allocatedByWorkers().isEmpty();
    }

    private static Allocation ofRound(int calls, Runnable call) {
        Map<Thread, Long> workersBefore = allocatedByWorkers();
        long callerBefore = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        long caller = THREADS.getCurrentThreadAllocatedBytes() - callerBefore;
        long workers = 0;
        for (Map.Entry<Thread, Long> after : allocatedByWorkers().entrySet()) {
            workers += after.getValue() - workersBefore.getOrDefault(after.getKey(), 0L);
        }
        return new Allocation(caller, workers);
    }

    /**
     * Calls in rounds until two in a row stay within a bound, or until the compiler has been idle for ten seconds.
     *
     * @param calls the number of calls of a round
     * @param bound the bytes that a round may allocate
     * @param call the call
     * @return the bytes of the last two rounds, the larger number for each of caller and workers
     */
    public static Allocation steady(int calls, Allocation bound, Runnable call) {
        long start = System.nanoTime();
        long busy = start;
        long compiled = COMPILER.getTotalCompilationTime();
        Allocation before = ofRound(calls, call);
        while (true) {
            Allocation after = ofRound(calls, call);
            Allocation both =
                    new Allocation(Math.max(before.caller, after.caller), Math.max(before.workers, after.workers));
            before = after;
            long now = System.nanoTime();
            if (COMPILER.getTotalCompilationTime() != compiled || isCompiling()) {
                compiled = COMPILER.getTotalCompilationTime();
                busy = now;
            }
            if (both.isWithin(bound) || now - busy > QUIET_NANOS || now - start > PATIENCE_NANOS) {
                return both;
            }
        }
    }
}
