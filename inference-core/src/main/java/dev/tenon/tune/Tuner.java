package dev.tenon.tune;

import dev.tenon.error.TenonException;
import dev.tenon.error.TuningFileException;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.Layout;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
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
 * Prepares kernels with the block sizes that were fastest when they were measured, and measures kernels that are not
 * measured yet. Safe for any number of threads. One thread measures at a time; threads that need known kernels do not
 * wait for it.
 *
 * <p>A kernel is measured with all its parts on one thread. The time on several threads is computed from the number of
 * parts. The candidates run in turns until the time for measuring is over, and the best time of each counts. A kernel
 * has the block sizes that follow from the caches if it can't be measured: there is too little memory, it refuses its
 * operands, or the thread is interrupted.
 */
public final class Tuner {
    /** Another candidate must take less than this share of the time of the standard one. */
    private static final double WORTHWHILE = 0.97;

    /** Kernels that take less are not measured. */
    private static final long LEAST_NANOS = 5_000;

    private static final long WARM_NANOS = 200_000_000;
    private static final long MEASURED_NANOS = 300_000_000;
    private static final int LEAST_WARM = 2;
    private static final int LEAST_RUNS = 3;
    private static final int MOST_RUNS = 100_000;

    /** A candidate that takes this many times as long as the best is not measured any further. */
    private static final double FAR = 1.5;

    /** Kernels that take less run on one thread. */
    private static final long SHARED_NANOS = 20_000;

    /** Locks of files, chosen by the hash of the path. A thread that reads and writes a file holds its lock. */
    private static final List<Object> FILE_LOCKS =
            Stream.generate(Object::new).limit(64).toList();

    private static final System.Logger LOG = System.getLogger("dev.tenon");

    private final Path path;
    private final String machine;
    private final int threads;
    private final KernelTimer timer;
    private final Map<TuningKey, Caches> known;
    /** The measurements of this tuner; they are never removed. */
    private final Map<TuningKey, Caches> measured = new ConcurrentHashMap<>();

    private final ReentrantLock measuring = new ReentrantLock();
    private final Object fileLock;
    /** How many of them are in the file, guarded by {@link #fileLock}. */
    private int saved;

    /**
     * A tuner for this machine.
     *
     * @param path the file of measurements, which need not exist
     * @param capabilities what this machine can do
     * @param threads how many threads may work on a call
     * @param timer measures kernels
     * @throws TuningFileException if the file can't be read, or is another kind of file
     */
    public Tuner(Path path, Capabilities capabilities, int threads, KernelTimer timer) {
        this.path = path;
        this.machine = CpuDescription.describe(capabilities);
        this.threads = threads;
        this.timer = timer;
        this.fileLock =
                FILE_LOCKS.get(Math.floorMod(path.toAbsolutePath().normalize().hashCode(), FILE_LOCKS.size()));
        this.known = new ConcurrentHashMap<>(TuningFile.read(path));
    }

    /** A kernel with certain block sizes, and how long it takes. */
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
     * Prepares a kernel as {@link KernelSet#prepare} does, with the fastest block sizes. They are measured if they are
     * not known. An interrupt of the thread ends the measurement; the thread stays interrupted.
     *
     * @param kernels the kernels that may be selected
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    public Kernel prepare(KernelSet kernels, Op op, KernelRequest request) {
        return prepare(kernels, op, request, true);
    }

    /**
     * Prepares a kernel as {@link KernelSet#prepare} does, with the fastest block sizes if they are known.
     *
     * @param kernels the kernels that may be selected
     * @param op the operator
     * @param request the operands and the machine
     * @return the kernel, or null if there is none
     */
    public Kernel remembered(KernelSet kernels, Op op, KernelRequest request) {
        return prepare(kernels, op, request, false);
    }

    private Kernel prepare(KernelSet kernels, Op op, KernelRequest request, boolean measure) {
        Kernel standard = kernels.prepare(op, request);
        if (standard == null || standard.tiling().isEmpty() || standard.partNanos() * standard.parts() < LEAST_NANOS) {
            return standard;
        }
        TuningKey key = TuningKey.of(machine, threads, standard.id(), op, request);
        if (measure && !known.containsKey(key)) {
            measure(key, candidates(kernels, op, request, standard), request);
        }
        Caches best = known.get(key);
        Kernel tuned = best == null ? standard : prepare(kernels, op, request, best);
        return tuned.id().equals(standard.id()) ? tuned : standard;
    }

    private void measure(TuningKey key, List<Candidate> candidates, KernelRequest request) {
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

    private static Kernel prepare(KernelSet kernels, Op op, KernelRequest r, Caches caches) {
        Capabilities machine = r.capabilities().withCaches(caches);
        return kernels.prepare(op, new KernelRequest(r.inputs(), r.outputs(), r.layouts(), r.constants(), machine));
    }

    /** The standard candidate, then those that differ from it and from each other in their block sizes alone. */
    private static List<Candidate> candidates(KernelSet kernels, Op op, KernelRequest request, Kernel standard) {
        Caches c = request.capabilities().caches();
        List<Candidate> candidates = new ArrayList<>(List.of(new Candidate(c, standard)));
        Set<String> tilings = new HashSet<>(Set.of(standard.tiling()));
        for (Caches other : List.of(
                scaled(c, 1, 0.5, 1),
                scaled(c, 1, 2, 1),
                scaled(c, 1, 0.25, 1),
                scaled(c, 1, 4, 1),
                scaled(c, 1, 1, 0.25),
                scaled(c, 0.5, 1, 1),
                scaled(c, 2, 1, 1))) {
            // The file can't express these sizes.
            if (!other.equals(Caches.parse(other.property()))) {
                continue;
            }
            Kernel kernel = prepare(kernels, op, request, other);
            if (kernel.id().equals(standard.id()) && tilings.add(kernel.tiling())) {
                candidates.add(new Candidate(other, kernel));
            }
        }
        return candidates;
    }

    private static Caches scaled(Caches c, double l1, double l2, double l3) {
        return new Caches(Math.max(1, (long) (c.l1Bytes() * l1)), Math.max(1, (long) (c.l2Bytes() * l2)), (long)
                (c.l3Bytes() * l3));
    }

    /** The fastest candidate, or null if they can't be measured. */
    private Candidate fastest(List<Candidate> candidates, KernelRequest request) {
        Kernel standard = candidates.getFirst().kernel;
        try {
            long most = 1;
            for (Candidate candidate : candidates) {
                most = Math.max(most, candidate.kernel.scratchBytes());
            }
            return fastest(candidates, operands(request, candidates), memory(most));
        } catch (TenonException | OutOfMemoryError e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not measured: " + standard.id(), e);
            return null;
        }
    }

    /**
     * Measures as many candidates as there is time for. The standard candidate is measured first. Another candidate
     * counts only if it ran a few times.
     */
    private Candidate fastest(List<Candidate> candidates, MemorySegment[] operands, MemorySegment scratch) {
        Candidate standard = candidates.getFirst();
        if (!warm(standard, operands, scratch)) {
            return null;
        }
        long many = MEASURED_NANOS / LEAST_RUNS / standard.best;
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
            left.removeIf(c -> c != standard && c.runs > 0 && cost(c) > most);
        }
        return best(left, LEAST_RUNS, WORTHWHILE);
    }

    /** Runs a candidate until the JVM has had time to compile it. Returns false if the thread is interrupted. */
    private boolean warm(Candidate standard, MemorySegment[] operands, MemorySegment scratch) {
        long spent = 0;
        while (standard.runs < LEAST_WARM || standard.runs < MOST_RUNS && spent < WARM_NANOS) {
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
            spent += run(standard, operands, scratch);
        }
        return true;
    }

    private long run(Candidate candidate, MemorySegment[] operands, MemorySegment scratch) {
        long nanos = Math.max(1, timer.nanos(candidate.kernel, operands, scratch));
        candidate.best = Math.min(candidate.best, nanos);
        candidate.runs++;
        return nanos;
    }

    /** The candidate that costs least, if it costs less than a share of the first; else the first. */
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

    /** The time of the thread that has the most parts. */
    private double cost(Candidate candidate) {
        int parts = candidate.kernel.parts();
        return candidate.best < SHARED_NANOS
                ? candidate.best
                : (double) candidate.best / parts * Math.ceilDiv(parts, threads);
    }

    /** The constants, and zeros for all other operands. */
    private static MemorySegment[] operands(KernelRequest request, List<Candidate> candidates) {
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
     * Native memory, aligned as kernels need it.
     *
     * @throws ResourceLimitException if there is not enough
     */
    private static MemorySegment memory(long bytes) {
        return Tensor.allocateNative(DType.UINT8, bytes).segment();
    }

    /**
     * Adds new measurements to the file, and keeps those that others have added meanwhile. A file that can't be
     * written, or that is no tuning file any more, stays as it is; a warning is logged, and the next call tries again.
     * Only the time of later sessions depends on the file. An interrupted thread writes too, and stays interrupted.
     *
     * <p>Tuners of this process take turns with a file. If two processes write at the same moment, the last one wins,
     * and the measurements of the other are made again.
     */
    public void save() {
        synchronized (fileLock) {
            Map<TuningKey, Caches> own = new TreeMap<>(measured);
            if (own.size() == saved) {
                return;
            }
            // An interrupt would close the channel of the file.
            boolean interrupted = Thread.interrupted();
            try {
                Map<TuningKey, Caches> all = TuningFile.read(path);
                all.putAll(own);
                TuningFile.write(path, all);
                saved = own.size();
            } catch (TuningFileException e) {
                LOG.log(System.Logger.Level.WARNING, "measurements are not saved: " + e.getMessage());
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
