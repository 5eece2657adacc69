package dev.tenon;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.op.Op;
import java.lang.foreign.MemorySegment;

/** A kernel of a caller's library, as the planner sees it. */
record LibraryKernel(String id, OpKernel kernel) implements Kernel {
    /** Prepares a kernel, or gives null if the library has none for these operands. */
    static <O extends Op> Kernel prepare(OpKernel.Source<? super O> source, O op, KernelRequest step) {
        OpKernel kernel = source.prepare(op, step.inputs(), step.outputs());
        if (kernel == null) {
            return null;
        }
        if (kernel.parts() < 1) {
            throw new IllegalStateException("the kernel of " + op.schema().qualifiedName() + " has " + kernel.parts()
                    + " parts; allowed 1 and above");
        }
        return new LibraryKernel(op.schema().qualifiedName(), kernel);
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
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        kernel.run(operands, from, to);
    }
}
