package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Kernels as stages of one step, each on the same operands and on what the ones before it left in shared memory. */
public final class StagedKernel implements Kernel {
    private final String id;
    private final Kernel own;
    private final Kernel next;
    private final long sharedBytes;
    private final long scratchBytes;

    private StagedKernel(String id, Kernel own, StagedKernel next, long sharedBytes) {
        this.id = id;
        this.own = own;
        this.next = next;
        this.sharedBytes = sharedBytes;
        this.scratchBytes = Math.max(own.scratchBytes(), next == null ? 0 : next.scratchBytes());
    }

    /**
     * A kernel of several stages.
     *
     * @param id its name
     * @param stages kernels of one stage each, at least one
     * @param sharedBytes bytes of memory by which the stages pass on data that is no output
     * @return the first stage
     */
    public static Kernel of(String id, List<Kernel> stages, long sharedBytes) {
        StagedKernel kernel = null;
        for (Kernel stage : stages.reversed()) {
            kernel = new StagedKernel(id, stage, kernel, sharedBytes);
        }
        return kernel;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return own.parts();
    }

    @Override
    public long partNanos() {
        return own.partNanos();
    }

    @Override
    public Kernel next() {
        return next;
    }

    @Override
    public long sharedBytes() {
        return sharedBytes;
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        own.run(operands, scratch, from, to);
    }
}
