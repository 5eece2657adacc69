package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A kernel made of several kernels that run one after the other, as stages of one step. All have the same operands; a stage
 * finds the intermediate results of earlier ones in shared memory.
 */
public final class StagedKernel implements Kernel {
    private final String id;
    private final Kernel kernel;
    private final Kernel next;
    private final long sharedBytes;
    private final long scratchBytes;

    private StagedKernel(String id, Kernel kernel, StagedKernel next, long sharedBytes) {
        this.id = id;
        this.kernel = kernel;
        this.next = next;
        this.sharedBytes = sharedBytes;
        this.scratchBytes = Math.max(kernel.scratchBytes(), next == null ? 0 : next.scratchBytes());
    }

    /**
     * A kernel of several stages.
     *
     * @param id its name
     * @param stages the kernels, at least one, each of one stage
     * @param sharedBytes the size of the shared memory, bytes
     * @return the first stage
     */
    public static Kernel of(String id, List<Kernel> stages, long sharedBytes) {
        StagedKernel first = null;
        for (Kernel stage : stages.reversed()) {
            first = new StagedKernel(id, stage, first, sharedBytes);
        }
        return first;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return kernel.parts();
    }

    @Override
    public long partNanos() {
        return kernel.partNanos();
    }

    @Override
    public Kernel nextStage() {
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
        kernel.run(operands, scratch, from, to);
    }
}
