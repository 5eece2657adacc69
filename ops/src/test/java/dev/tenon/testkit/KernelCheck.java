package dev.tenon.testkit;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Checks of kernels beyond the cases of their operators. */
public final class KernelCheck {
    private static final int RUNS = 200;
    private static final long ALIGNMENT = 64;

    /** Caches that are smaller and larger than those of any machine. */
    private static final List<Caches> OTHER_CACHES =
            List.of(new Caches(1 << 10, 1 << 12, 1 << 14), new Caches(1 << 22, 1 << 26, 0));

    private KernelCheck() {}

    /**
     * Runs the kernel that is selected for an operator and compares with the reference by the operator's contract; and
     * again, tiled for other caches: those results must have the same bits. Fails if there is no kernel.
     *
     * @param kernels the set of kernels
     * @param op the operator
     * @param inputs the operands
     * @param outputs the number of outputs
     * @param capabilities the machine
     * @return the kernel's id
     */
    public static String run(
            KernelSet kernels, Op op, List<? extends Datum> inputs, int outputs, Capabilities capabilities) {
        return run(kernels, op, inputs, outputs, false, capabilities);
    }

    /**
     * The same for operands that may be constants. Constants are packed.
     *
     * @param kernels the set of kernels
     * @param op the operator
     * @param inputs the operands
     * @param outputs the number of outputs
     * @param constant whether all operands but the first are constants
     * @param capabilities the machine
     * @return the kernel's id
     */
    public static String run(
            KernelSet kernels,
            Op op,
            List<? extends Datum> inputs,
            int outputs,
            boolean constant,
            Capabilities capabilities) {
        List<Datum> operands = Collections.unmodifiableList(new ArrayList<>(inputs));
        List<Datum> expected = op.reference(new Operands(op, "", operands, outputs));
        List<TensorType> types = expected.stream().map(d -> ((Tensor) d).type()).toList();
        KernelRun.Prepared prepared = KernelRun.prepare(kernels, op, operands, types, constant, capabilities);
        if (prepared == null) {
            throw new AssertionError("no kernel for " + op);
        }
        List<Datum> magnitudes = Closeness.magnitudes(op, operands, outputs);
        List<Tensor> results = KernelRun.run(prepared, operands);
        for (int i = 0; i < outputs; i++) {
            Closeness.check(
                    prepared.kernel().id() + " of " + op + " output " + i,
                    results.get(i),
                    expected.get(i),
                    magnitudes.get(i),
                    op.numerics());
        }
        for (Caches other : OTHER_CACHES) {
            KernelRun.Prepared cut =
                    KernelRun.prepare(kernels, op, operands, types, constant, capabilities.withCaches(other));
            if (!cut.kernel().tiling().equals(prepared.kernel().tiling())
                    || !cut.kernel().id().equals(prepared.kernel().id())) {
                List<Tensor> same = KernelRun.run(cut, operands);
                for (int i = 0; i < outputs; i++) {
                    checkBits(cut.kernel().id() + " of " + op + " for caches of " + other, same.get(i), results.get(i));
                }
            }
        }
        return prepared.kernel().id();
    }

    /** Tilings for different caches must give the same bits. */
    private static void checkBits(String what, Tensor found, Tensor expected) {
        if (found.segment().mismatch(expected.segment()) >= 0) {
            throw new AssertionError(
                    what + ": other bits at byte " + found.segment().mismatch(expected.segment()));
        }
    }

    /**
     * Runs a kernel with its first output in the memory of an input.
     *
     * @param prepared the kernel
     * @param inputs the operands, row-major
     * @param shared the input whose memory the output shares
     * @return the output
     */
    public static Tensor inPlace(KernelRun.Prepared prepared, List<? extends Datum> inputs, int shared) {
        Kernel kernel = prepared.kernel();
        boolean shares = kernel.sharedBytes() > 0;
        MemorySegment[] operands = new MemorySegment[inputs.size() + (shares ? 2 : 1)];
        for (int i = 0; i < inputs.size(); i++) {
            Tensor t = (Tensor) inputs.get(i);
            if (t == null) {
                continue;
            }
            operands[i] = Arena.ofAuto().allocate(t.byteSize(), ALIGNMENT);
            operands[i].copyFrom(t.segment());
        }
        operands[inputs.size()] = operands[shared];
        if (shares) {
            operands[inputs.size() + 1] = Arena.ofAuto().allocate(kernel.sharedBytes(), ALIGNMENT);
        }
        MemorySegment scratch = Arena.ofAuto().allocate(Math.max(1, kernel.scratchBytes()), ALIGNMENT);
        kernel.runAll(operands, scratch);
        TensorType type = prepared.request().outputs().getFirst();
        return Tensor.of(type.dtype(), operands[shared], type.shape().toArray());
    }

    /**
     * The bytes that runs of a kernel allocate on the heap after it is compiled.
     *
     * @param kernel the kernel
     * @param operandBytes the size of each operand, filled with zeros; 0 for an absent one
     * @return the bytes of 200 runs
     */
    public static long allocated(Kernel kernel, long... operandBytes) {
        MemorySegment[] operands = new MemorySegment[operandBytes.length];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = operandBytes[i] == 0 ? null : Arena.ofAuto().allocate(operandBytes[i], ALIGNMENT);
        }
        MemorySegment scratch = Arena.ofAuto().allocate(Math.max(1, kernel.scratchBytes()), ALIGNMENT);
        return Allocation.steady(RUNS, Allocation.NOTHING, () -> kernel.runAll(operands, scratch))
                .caller();
    }
}
