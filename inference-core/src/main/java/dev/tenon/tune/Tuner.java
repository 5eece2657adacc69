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
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Prepares kernels with the blocks that were fastest when they were measured, and measures those that were not yet. Safe
 * for any number of threads; one measures at a time.
 *
 * <p>A kernel is measured with all its parts on one thread; what threads would make of so many parts is worked out. Each
 * candidate runs again and again in turns with the others, and its best time counts. A kernel that can't be measured, for
 * want of memory or since its operands are none that it takes, is prepared as the caches have it.
 */
public final class Tuner {
    /** How much of the time of the model's choice another one must save. */
    private static final double WORTHWHILE = 0.97;

    /** Kernels that take less are not worth being measured. */
    private static final long LEAST_NANOS = 5_000;

    private static final long WARM_NANOS = 300_000_000;
    private static final long MEASURED_NANOS = 200_000_000;
    private static final int LEAST_ROUNDS = 5;
    private static final int MOST_ROUNDS = 100_000;

    /** Kernels that take less run on one thread. */
    private static final long SHARED_NANOS = 20_000;

    private static final System.Logger LOG = System.getLogger("dev.tenon");

    private final Path path;
    private final String machine;
    private final int threads;
    private final Stopwatch stopwatch;
    private final Map<TuningKey, Caches> known;
    private final Map<TuningKey, Caches> measured = new TreeMap<>();
    private boolean unsaved;

    /**
     * A tuner for this machine.
     *
     * @param path the file that holds what was measured; nothing was yet if there is none
     * @param capabilities what this machine can do
     * @param threads how many threads may work on a call
     * @param stopwatch what measures
     * @throws TuningFileException if the file can't be read or is no such file
     */
    public Tuner(Path path, Capabilities capabilities, int threads, Stopwatch stopwatch) {
        this.path = path;
        this.machine = Machine.describe(capabilities);
        this.threads = threads;
        this.stopwatch = stopwatch;
        this.known = TuningFile.read(path);
    }

    /** A way to cut a kernel. */
    private record Candidate(Caches caches, Kernel kernel) {}

    /**
     * Prepares a kernel as {@link KernelSet#prepare} does, with the fastest blocks.
     *
     * @param kernels the kernels that there are
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    public synchronized Kernel prepare(KernelSet kernels, Op op, StepRequest request) {
        Kernel model = kernels.prepare(op, request);
        if (model == null || model.tiling().isEmpty() || model.partNanos() * model.parts() < LEAST_NANOS) {
            return model;
        }
        TuningKey key = TuningKey.of(machine, threads, model.id(), op, request);
        Caches best = known.get(key);
        if (best != null) {
            Kernel tuned = prepare(kernels, op, request, best);
            return tuned.id().equals(model.id()) ? tuned : model;
        }
        List<Candidate> candidates = candidates(kernels, op, request, model);
        if (candidates.size() == 1) {
            return model;
        }
        Candidate fastest = fastest(candidates, request);
        if (fastest == null) {
            return model;
        }
        known.put(key, fastest.caches());
        measured.put(key, fastest.caches());
        unsaved = true;
        return fastest.kernel();
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
        long[] nanos;
        try {
            nanos = measure(candidates, request);
        } catch (TenonException | OutOfMemoryError e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> "not measured: " + candidates.getFirst().kernel().id(),
                    e);
            return null;
        }
        Candidate best = candidates.getFirst();
        double least = cost(best.kernel(), nanos[0]) * WORTHWHILE;
        for (int i = 1; i < nanos.length; i++) {
            double cost = cost(candidates.get(i).kernel(), nanos[i]);
            if (cost < least) {
                least = cost;
                best = candidates.get(i);
            }
        }
        return best;
    }

    /** How long the thread with the most parts works. */
    private double cost(Kernel kernel, long nanos) {
        int parts = kernel.parts();
        return nanos < SHARED_NANOS ? nanos : (double) nanos / parts * Math.ceilDiv(parts, threads);
    }

    private long[] measure(List<Candidate> candidates, StepRequest request) {
        MemorySegment[] operands = operands(request);
        long most = 1;
        for (Candidate candidate : candidates) {
            most = Math.max(most, candidate.kernel().scratchBytes());
        }
        MemorySegment scratch = memory(most);
        long[] best = new long[candidates.size()];
        long spent = 0;
        for (int round = 0; round < MOST_ROUNDS && spent < WARM_NANOS; round++) {
            spent += round(candidates, operands, scratch, best);
        }
        Arrays.fill(best, Long.MAX_VALUE);
        spent = 0;
        for (int round = 0; round < LEAST_ROUNDS || round < MOST_ROUNDS && spent < MEASURED_NANOS; round++) {
            spent += round(candidates, operands, scratch, best);
        }
        return best;
    }

    private long round(List<Candidate> candidates, MemorySegment[] operands, MemorySegment scratch, long[] best) {
        long spent = 0;
        for (int i = 0; i < best.length; i++) {
            long nanos = stopwatch.nanos(candidates.get(i).kernel(), operands, scratch);
            best[i] = Math.min(best[i], nanos);
            spent += Math.max(1, nanos);
        }
        return spent;
    }

    /** Constants as they are, zeros for everything else. */
    private static MemorySegment[] operands(StepRequest request) {
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
     * can't be written, or is none of its kind any more, is left and a warning logged: nothing but the next session's time
     * depends on it.
     */
    public synchronized void save() {
        if (!unsaved) {
            return;
        }
        unsaved = false;
        try {
            Map<TuningKey, Caches> all = TuningFile.read(path);
            all.putAll(measured);
            TuningFile.write(path, all);
        } catch (TuningFileException e) {
            LOG.log(System.Logger.Level.WARNING, "what was measured is lost: " + e.getMessage());
        }
    }
}
