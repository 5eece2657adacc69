package dev.tenon.kernel.copy;

import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/** The kernel of a {@link CopyProblem}: its parts are those of its boxes, one box after the other. */
public final class CopyKernel implements Kernel {
    private final String id;
    private final CopyBox[] boxes;
    private final BlockCopier copier;
    private final int parts;
    private final long partNanos;
    private final long scratchBytes;

    /**
     * A kernel.
     *
     * @param id its name
     * @param problem the boxes
     * @param copier the loops
     */
    public CopyKernel(String id, CopyProblem problem, BlockCopier copier) {
        this.id = id;
        this.boxes = problem.boxes().toArray(new CopyBox[0]);
        this.copier = copier;
        int count = 0;
        long nanos = 0;
        long scratch = 0;
        for (CopyBox box : boxes) {
            count = Math.addExact(count, box.parts());
            nanos = Math.max(nanos, box.partNanos());
            scratch = Math.max(scratch, copier.scratchBytes(box));
        }
        this.parts = Math.max(count, 1);
        this.partNanos = nanos;
        this.scratchBytes = scratch;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public long partNanos() {
        return partNanos;
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int first = 0;
        for (CopyBox box : boxes) {
            int after = first + box.parts();
            for (int part = Math.max(from, first); part < Math.min(to, after); part++) {
                box.run(operands, part - first, copier, scratch);
            }
            first = after;
        }
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0 && output == 0 && boxes.length == 1 && boxes[0].isIdentity();
    }

    @Override
    public boolean copiesOnly(int input) {
        for (CopyBox box : boxes) {
            if (box.input() == input && box.runBytes() < BlockCopier.BULK_BYTES) {
                return false;
            }
        }
        return true;
    }
}
