package dev.tenon.tune;

import dev.tenon.TuningFileException;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.StepRequest;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.ResourceLimitException;
import dev.tenon.tensor.TenonException;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Prepares kernels with the blocks that were fastest when they were measured, and measures those that were not yet. Safe
 * for any number of threads; one measures at a time, and who asks for what is known does not wait for it.
 *
 * <p>A kernel is measured with all its parts on one thread; what threads would make of so many parts is worked out. Each
 * candidate runs again and again in turns with the others, as long as the time for it lasts, and its best time counts. A
 * kernel that can't be measured, for want of memory, since its operands are none that it takes, or since the thread is
 * interrupted, is prepared as the caches have it.
 */
public final class Tuner {
    /** How much of the time of the model's choice another one must save. */
    private static final double WORTHWHILE = 0.97;

    /** Kernels that take less are not worth being measured. */
    private static final long LEAST_NANOS = 5_000;

    private static final long WARM_NANOS = 200_000_000;
    private static final long MEASURED_NANOS = 300_000_000;
    private static final int LEAST_WARM = 2;
    private static final int LEAST_RUNS = 3;
    private static final int MOST_RUNS = 100_000;

    /** By how much a candidate loses against the best when it is not measured any further. */
    private static final double FAR = 1.5;

    /** Kernels that take less run on one thread. */
    private static final long SHARED_NANOS = 20_000;

    /** Of each file one, of files that there may be many: whoever reads and writes one holds it. */
    private static final List<Object> FILES =
            Stream.generate(Object::new).limit(64).toList();

    private static final System.Logger LOG = System.getLogger("dev.tenon");

    private final Path path;
    private final String machine;
    private final int threads;
    private final KernelTimer stopwatch;
    private final Map<TuningKey, Caches> known;
    /** What was measured by this one; it only grows. */
    private final Map<TuningKey, Caches> measured = new ConcurrentHashMap<>();

    private final ReentrantLock measuring = new ReentrantLock();
    private final Object file;
    /** How many measurements are in the file, guarded by {@link #file}. */
    private int saved;

    /**
     * A tuner for this machine.
     *
     * @param path the file that holds what was measured; nothing was yet if there is none
     * @param capabilities what this machine can do
     * @param threads how many threads may work on a call
     * @param stopwatch what measures
     * @throws TuningFileException if the file can't be read or is no such file
     */
    public Tuner(Path path, Capabilities capabilities, int threads, KernelTimer stopwatch) {
        this.path = path;
        this.machine = CpuDescription.describe(capabilities);
        this.threads = threads;
        this.stopwatch = stopwatch;
        this.file = FILES.get(Math.floorMod(path.toAbsolutePath().normalize().hashCode(), FILES.size()));
        this.known = new ConcurrentHashMap<>(TuningFile.read(path));
    }

    /** A way to cut a kernel, and how long that takes. */
    private static final class Candidate {
        private final Caches caches;
        private final Kernel kernel;
        private long best = Long.MAX_VALUE;
        private int runs;

        private Candidate(Caches caches, Kernel kernel) {
            this.caches = caches;
            this.kernel = kernel;
        }
    }

    /**
     * Prepares a kernel as {@link KernelSet#prepare} does, with the fastest blocks. Where they are not known they are
     * measured, which an interrupt of the thread ends; the thread stays interrupted.
     *
     * @param kernels the kernels that there are
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    public Kernel prepare(KernelSet kernels, Op op, StepRequest request) {
        return prepare(kernels, op, request, true);
    }

    /**
     * Prepares a kernel as {@link KernelSet#prepare} does, with the fastest blocks if they are known.
     *
     * @param kernels the kernels that there are
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    public Kernel remembered(KernelSet kernels, Op op, StepRequest request) {
        return prepare(kernels, op, request, false);
    }

    private Kernel prepare(KernelSet kernels, Op op, StepRequest request, boolean measure) {
        Kernel model = kernels.prepare(op, request);
        if (model == null || model.tiling().isEmpty() || model.partNanos() * model.parts() < LEAST_NANOS) {
            return model;
        }
        TuningKey key = TuningKey.of(machine, threads, model.id(), op, request);
        if (measure && !known.containsKey(key)) {
            measure(key, candidates(kernels, op, request, model), request);
        }
        Caches best = known.get(key);
        Kernel tuned = best == null ? model : prepare(kernels, op, request, best);
        return tuned.id().equals(model.id()) ? tuned : model;
    }

    private void measure(TuningKey key, List<Candidate> candidates, StepRequest request) {
        if (candidates.size() == 1) {
            return;
        }
        try {
            measuring.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            // Another thread may have measured it meanwhile.
            Candidate fastest = known.containsKey(key) ? null : fastest(candidates, request);
            if (fastest != null) {
                known.put(key, fastest.caches);
                measured.put(key, fastest.caches);
            }
        } finally {
            measuring.unlock();
        }
    }

    private static Kernel prepare(KernelSet kernels, Op op, StepRequest r, Caches caches) {
        Capabilities machine = r.capabilities().withCaches(caches);
        return kernels.prepare(op, new StepRequest(r.inputs(), r.outputs(), r.layouts(), r.constants(), machine));
    }

    /** The model's choice, then those that differ from it and from each other in their blocks alone. */
    private static List<Candidate> candidates(KernelSet kernels, Op op, StepRequest request, Kernel model) {
        Caches c = request.capabilities().caches();
        List<Candidate> candidates = new ArrayList<>(List.of(new Candidate(c, model)));
        Set<String> cuts = new HashSet<>(Set.of(model.tiling()));
        for (Caches other : List.of(
                scaled(c, 1, 0.5, 1),
                scaled(c, 1, 2, 1),
                scaled(c, 1, 0.25, 1),
                scaled(c, 1, 4, 1),
                scaled(c, 1, 1, 0.25),
                scaled(c, 0.5, 1, 1),
                scaled(c, 2, 1, 1))) {
            // What the file can't say is no choice.
            if (!other.equals(Caches.parse(other.property()))) {
                continue;
            }
            Kernel kernel = prepare(kernels, op, request, other);
            if (kernel.id().equals(model.id()) && cuts.add(kernel.tiling())) {
                candidates.add(new Candidate(other, kernel));
            }
        }
        return candidates;
    }

    private static Caches scaled(Caches c, double l1, double l2, double l3) {
        return new Caches(Math.max(1, (long) (c.l1Bytes() * l1)), Math.max(1, (long) (c.l2Bytes() * l2)), (long)
                (c.l3Bytes() * l3));
    }

    /** The candidate to take, or null if they can't be measured. */
    private Candidate fastest(List<Candidate> candidates, StepRequest request) {
        Kernel model = candidates.getFirst().kernel;
        try {
            long most = 1;
            for (Candidate candidate : candidates) {
                most = Math.max(most, candidate.kernel.scratchBytes());
            }
            return fastest(candidates, operands(request, candidates), memory(most));
        } catch (TenonException | OutOfMemoryError e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not measured: " + model.id(), e);
            return null;
        }
    }

    /**
     * Measures as many candidates as there is time for. The first, which others are compared with, has been measured before
     * them; another one counts only if it ran a few times.
     */
    private Candidate fastest(List<Candidate> candidates, MemorySegment[] operands, MemorySegment scratch) {
        Candidate model = candidates.getFirst();
        boolean warm = warm(model, operands, scratch);
        if (warm && stopwatch.settles()) {
            model.best = Long.MAX_VALUE;
            model.runs = 0;
            warm = warm(model, operands, scratch);
        }
        if (!warm) {
            return null;
        }
        long many = MEASURED_NANOS / LEAST_RUNS / model.best;
        List<Candidate> left = new ArrayList<>(candidates.subList(0, Math.clamp(many, 1, candidates.size())));
        long spent = 0;
        for (int round = 0; left.size() > 1 && round < MOST_RUNS && spent < MEASURED_NANOS; round++) {
            for (int i = 0; i < left.size() && spent < MEASURED_NANOS; i++) {
                if (Thread.currentThread().isInterrupted()) {
                    return null;
                }
                spent += run(left.get(i), operands, scratch);
            }
            double most = cost(best(left, 0, 1)) * FAR;
            left.removeIf(c -> c != model && c.runs > 0 && cost(c) > most);
        }
        return best(left, LEAST_RUNS, WORTHWHILE);
    }

    /** Measures until the JVM has had its chance to compile; false if the thread is interrupted. */
    private boolean warm(Candidate model, MemorySegment[] operands, MemorySegment scratch) {
        long spent = 0;
        while (model.runs < LEAST_WARM || model.runs < MOST_RUNS && spent < WARM_NANOS) {
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
            spent += run(model, operands, scratch);
        }
        return true;
    }

    private long run(Candidate candidate, MemorySegment[] operands, MemorySegment scratch) {
        long nanos = Math.max(1, stopwatch.nanos(candidate.kernel, operands, scratch));
        candidate.best = Math.min(candidate.best, nanos);
        candidate.runs++;
        return nanos;
    }

    /** The first of some candidates, or that of the others which costs least, and less than a share of the first. */
    private Candidate best(List<Candidate> candidates, int leastRuns, double share) {
        Candidate best = candidates.getFirst();
        double least = cost(best) * share;
        for (Candidate candidate : candidates) {
            if (candidate.runs >= leastRuns && cost(candidate) < least) {
                least = cost(candidate);
                best = candidate;
            }
        }
        return best;
    }

    /** How long the thread with the most parts works. */
    private double cost(Candidate candidate) {
        int parts = candidate.kernel.parts();
        return candidate.best < SHARED_NANOS
                ? candidate.best
                : (double) candidate.best / parts * Math.ceilDiv(parts, threads);
    }

    /** Constants as they are, zeros for everything else. */
    private static MemorySegment[] operands(StepRequest request, List<Candidate> candidates) {
        List<MemorySegment> operands = new ArrayList<>();
        for (int i = 0; i < request.inputCount(); i++) {
            TensorType type = request.inputs().get(i);
            Tensor constant = request.constant(i);
            MemorySegment own = type == null ? null : memory(request.layout(i).byteSize(type));
            if (constant != null) {
                request.layout(i).pack(constant, own);
            }
            operands.add(own);
        }
        for (TensorType type : request.outputs()) {
            operands.add(type == null ? null : memory(Layout.ROW_MAJOR.byteSize(type)));
        }
        long shared = 0;
        for (Candidate c : candidates) {
            shared = Math.max(shared, c.kernel.sharedBytes());
        }
        if (shared > 0) {
            operands.add(memory(shared));
        }
        return operands.toArray(MemorySegment[]::new);
    }

    /**
     * Native memory as kernels get it.
     *
     * @throws ResourceLimitException if there is not so much
     */
    private static MemorySegment memory(long bytes) {
        return Tensor.allocateNative(DType.UINT8, bytes).segment();
    }

    /**
     * Writes what was measured since the last time, with what others have written into the file meanwhile. A file that
     * can't be written, or is none of its kind any more, is left, a warning logged, and the next call tries again: nothing
     * but the next session's time depends on it. An interrupted thread writes as any other, and stays interrupted.
     *
     * <p>Tuners of this process take turns with a file. Of processes that write at the very same time the last one wins;
     * what it did not know is measured again.
     */
    public void save() {
        synchronized (file) {
            Map<TuningKey, Caches> own = new TreeMap<>(measured);
            if (own.size() == saved) {
                return;
            }
            // An interrupt would close the channel that is written to.
            boolean interrupted = Thread.interrupted();
            try {
                Map<TuningKey, Caches> all = TuningFile.read(path);
                all.putAll(own);
                TuningFile.write(path, all);
                saved = own.size();
            } catch (TuningFileException e) {
                LOG.log(System.Logger.Level.WARNING, "what was measured is not kept: " + e.getMessage());
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
