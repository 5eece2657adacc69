package dev.tenon;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.op.Op;
import java.lang.foreign.MemorySegment;

/** Presents a kernel of a caller's library to the planner as a kernel of Tenon. */
record CustomKernelAdapter(String id, CustomKernel kernel) implements Kernel {
    /** Prepares a kernel, or returns null if the library has none for these operands. */
    static <O extends Op> Kernel prepare(CustomKernel.Factory<? super O> factory, O op, KernelRequest step) {
        String name = op.schema().qualifiedName();
        CustomKernel kernel = factory.prepare(op, step.inputs(), step.outputs()).orElse(null);
        if (kernel == null) {
            return null;
        }
        if (kernel.parts() < 1) {
            throw new InvalidOptionException(
                    "CustomKernel.parts of " + name, kernel.parts() + " parts", "1 or more", null);
        }
        return new CustomKernelAdapter(name, kernel);
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
