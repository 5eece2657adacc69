package dev.tenon.testkit.fuzz;

import com.sun.management.ThreadMXBean;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.TenonException;
import dev.tenon.testkit.CpuTime;
import dev.tenon.testkit.ProcessMemory;
import dev.tenon.testkit.fuzz.Outcome.Kind;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;

/**
 * Does what a file asks for, twice: it must end by a result or a typed exception, within the time and the memory allowed, and in
 * the same way a second time. Runs on the thread that it judges.
 */
public final class Trial {
    /** The processor time that a file may take on this machine. */
    private static final long MOST_NANOS = CpuTime.here(2_000_000_000);

    /** The memory that a file may take, on the heap or beside it, garbage included. */
    private static final long MOST_BYTES = 512L << 20;

    private static final int MOST_FRAMES = 12;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Trial() {}

    /**
     * Reads a file twice.
     *
     * @param reading reads the file, and gives a text that tells what is in it
     * @return how it ended: {@code RAN} with the text, {@code REFUSED_AT_LOADING}, or a fault
     */
    public static Outcome reading(Supplier<String> reading) {
        return twice(() -> {
            try {
                return new Outcome(Kind.RAN, "", reading.get());
            } catch (TenonException e) {
                return typed(Kind.REFUSED_AT_LOADING, e);
            }
        });
    }

    /**
     * Does some work twice.
     *
     * @param work says how it ended; any exception that it throws is a fault
     * @return how it ended
     */
    public static Outcome twice(Supplier<Outcome> work) {
        Outcome first = measured(work);
        if (first.isFault()) {
            return first;
        }
        Outcome second = measured(work);
        if (second.isFault()) {
            return second;
        }
        boolean timed = first.kind() == Kind.OUT_OF_TIME || second.kind() == Kind.OUT_OF_TIME;
        boolean same = first.endsLike(second) && first.results().equals(second.results());
        return timed || same ? first : new Outcome(Kind.DIFFERENT, first + " then " + second, "");
    }

    /** How work ended with an exception, which must say what is wrong. */
    public static Outcome typed(Kind kind, TenonException e) {
        boolean says = e.thing() != null
                && !e.thing().isBlank()
                && e.found() != null
                && !e.found().isBlank();
        if (!says) {
            return new Outcome(Kind.UNTYPED, "says nothing: " + e, "");
        }
        String text = e.getClass().getSimpleName() + " " + e.getMessage();
        return new Outcome(e instanceof InterruptedPredictionException ? Kind.OUT_OF_TIME : kind, text, "");
    }

    private static Outcome measured(Supplier<Outcome> work) {
        long time = THREADS.getCurrentThreadCpuTime();
        long heap = THREADS.getCurrentThreadAllocatedBytes();
        long direct = ProcessMemory.directBytes();
        Outcome outcome;
        try {
            outcome = work.get();
        } catch (RuntimeException | Error e) {
            outcome = new Outcome(Kind.UNTYPED, trace(e), "");
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - time;
        long bytes =
                THREADS.getCurrentThreadAllocatedBytes() - heap + Math.max(0, ProcessMemory.directBytes() - direct);
        if (outcome.kind() != Kind.UNTYPED && (nanos > MOST_NANOS || bytes > MOST_BYTES)) {
            String text = nanos / 1_000_000 + " ms, " + (bytes >> 20) + " MiB, after: " + outcome.signature();
            return new Outcome(Kind.TOO_MUCH, text, "");
        }
        return outcome;
    }

    private static String trace(Throwable e) {
        StringBuilder text = new StringBuilder(e.toString());
        StackTraceElement[] frames = e.getStackTrace();
        for (int i = 0; i < Math.min(MOST_FRAMES, frames.length); i++) {
            text.append("\n    at ").append(frames[i]);
        }
        return text.toString();
    }
}
