package dev.tenon.testkit;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Compares the kernels of an operator with its reference on one set of operands. The reference runs once, whatever the
 * number of kernels.
 */
public final class KernelCheck {
    private static final int RUNS = 200;
    private static final long ALIGNMENT = 64;

    /** Caches that are smaller and larger than those of any machine. */
    private static final List<Caches> OTHER_CACHES =
            List.of(new Caches(1 << 10, 1 << 12, 1 << 14), new Caches(1 << 22, 1 << 26, 0));

    private final Op op;
    private final List<Datum> operands;
    private final List<Tensor> expected;
    private final List<Datum> magnitudes;

    private KernelCheck(Op op, List<Datum> operands, int outputs) {
        this.op = op;
        this.operands = operands;
        expected = op.reference(new Operands(op, "", operands, outputs)).stream()
                .map(d -> (Tensor) d)
                .toList();
        // The bound depends on magnitudes only if the operator adds up terms.
        magnitudes = op.numerics().terms() == 0
                ? Collections.nCopies(outputs, null)
                : Closeness.magnitudes(op, operands, outputs);
    }

    /**
     * Runs the reference.
     *
     * @param op the operator
     * @param inputs the operands, null for those left out
     * @param outputs how many outputs are asked for
     * @return a comparison for any number of kernels
     */
    public static KernelCheck of(Op op, List<? extends Datum> inputs, int outputs) {
        return new KernelCheck(op, Collections.unmodifiableList(new ArrayList<>(inputs)), outputs);
    }

    /**
     * Runs the kernel that is selected, and compares with the reference by the operator's contract.
     *
     * @param kernels the kernels to select from
     * @param constant whether all operands but the first are constants, which are then packed
     * @param capabilities the machine
     * @return the kernel's id, or null if there is no kernel
     */
    public String compare(KernelSet kernels, boolean constant, Capabilities capabilities) {
        KernelRun.Prepared prepared = prepare(kernels, constant, capabilities);
        if (prepared == null) {
            return null;
        }
        compare(prepared);
        return prepared.kernel().id();
    }

    private KernelRun.Prepared prepare(KernelSet kernels, boolean constant, Capabilities capabilities) {
        List<TensorType> types = expected.stream().map(Tensor::type).toList();
        return KernelRun.prepare(kernels, op, operands, types, constant, capabilities);
    }

    private List<Tensor> compare(KernelRun.Prepared prepared) {
        List<Tensor> results = KernelRun.run(prepared, operands);
        for (int i = 0; i < results.size(); i++) {
            Closeness.check(
                    prepared.kernel().id() + " of " + this + ", output " + i,
                    results.get(i),
                    expected.get(i),
                    magnitudes.get(i),
                    op.numerics());
        }
        return results;
    }

    /** {@return the operator and the types of the operands, for messages} */
    @Override
    public String toString() {
        return op + " of "
                + operands.stream()
                        .map(d -> d == null ? "-" : d.type().toString())
                        .toList();
    }

    /**
     * Compares the kernel that is selected with the reference. Then compares the kernel for other caches, which works in
     * other blocks, with the first one bit for bit. Fails if there is no kernel.
     *
     * @param kernels the kernels to select from
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
     * @param kernels the kernels to select from
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
        return of(op, inputs, outputs).run(kernels, constant, capabilities);
    }

    /**
     * Compares the kernel that is selected with the reference. Then compares the kernel for other caches, which works in
     * other blocks, with the first one bit for bit. Fails if there is no kernel.
     *
     * @param kernels the kernels to select from
     * @param constant whether all operands but the first are constants, which are then packed
     * @param capabilities the machine
     * @return the kernel's id
     */
    public String run(KernelSet kernels, boolean constant, Capabilities capabilities) {
        KernelRun.Prepared prepared = prepare(kernels, constant, capabilities);
        if (prepared == null) {
            throw new AssertionError("no kernel for " + this);
        }
        List<Tensor> results = compare(prepared);
        for (Caches other : OTHER_CACHES) {
            KernelRun.Prepared cut = prepare(kernels, constant, capabilities.withCaches(other));
            if (!cut.kernel().tiling().equals(prepared.kernel().tiling())
                    || !cut.kernel().id().equals(prepared.kernel().id())) {
                List<Tensor> same = KernelRun.run(cut, operands);
                for (int i = 0; i < results.size(); i++) {
                    String what = cut.kernel().id() + " of " + this + " for caches of " + other + ", output " + i;
                    requireSameBits(what, same.get(i), results.get(i));
                }
            }
        }
        return prepared.kernel().id();
    }

    /**
     * Fails unless two tensors hold the same bits, where any NaN equals any other. Java does not specify the sign and the
     * payload of a computed NaN, and compiled code may give other ones than interpreted code.
     */
    private static void requireSameBits(String what, Tensor found, Tensor expected) {
        long at = found.segment().mismatch(expected.segment());
        if (at < 0) {
            return;
        }
        DType type = expected.dtype();
        for (long i = at * Byte.SIZE / type.bits(); i < expected.size(); i++) {
            boolean same = type.isFloating()
                    ? Double.compare(found.getDouble(i), expected.getDouble(i)) == 0
                    : found.getLong(i) == expected.getLong(i);
            if (!same) {
                throw new AssertionError(what + ": other bits at element " + i);
            }
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
