package dev.tenon.testkit;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.Layout;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Runs the kernel that is selected for an operator on memory between guards. */
public final class KernelRun {
    private KernelRun() {}

    /**
     * A kernel with its request.
     *
     * @param kernel the kernel
     * @param request the request that it was prepared for
     */
    public record Prepared(Kernel kernel, KernelRequest request) {}

    /**
     * Prepares a kernel as a session would.
     *
     * @param kernels the kernels to select from
     * @param op the operator
     * @param inputs the operands
     * @param outputs the types of the outputs, null for an output that is not needed
     * @param constant whether the operands are constants, which may then be packed
     * @param capabilities the machine
     * @return the kernel, or null if none is selected
     */
    public static Prepared prepare(
            KernelSet kernels,
            Op op,
            List<Datum> inputs,
            List<TensorType> outputs,
            boolean constant,
            Capabilities capabilities) {
        List<TensorType> types = new ArrayList<>();
        List<Tensor> constants = new ArrayList<>();
        List<Layout> plain = new ArrayList<>();
        for (Datum d : inputs) {
            if (d != null && (!(d instanceof Tensor t) || t.dtype() == DType.STRING)) {
                return null;
            }
            types.add(d == null ? null : ((Tensor) d).type());
            constants.add(constant || isSmallInteger(d) ? (Tensor) d : null);
            plain.add(Layout.ROW_MAJOR);
        }
        KernelRequest request = new KernelRequest(types, outputs, plain, constants, capabilities);
        List<Layout> layouts = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            layouts.add(
                    constant && i > 0 && inputs.get(i) != null
                            ? kernels.constantLayout(op, i, request)
                            : Layout.ROW_MAJOR);
        }
        KernelRequest packed = new KernelRequest(types, outputs, layouts, constants, capabilities);
        Kernel kernel = kernels.prepare(op, packed);
        return kernel == null ? null : new Prepared(kernel, packed);
    }

    /**
     * The types of an operator's outputs.
     *
     * @param op the operator
     * @param inputs the operands, null for those left out
     * @param outputs how many outputs are asked for
     * @return their types, as inference tells them
     */
    public static List<TensorType> outputTypes(Op op, List<? extends Datum> inputs, int outputs) {
        List<InferContext.Operand> operands = new ArrayList<>();
        for (Datum d : inputs) {
            operands.add(d == null ? null : new InferContext.Operand((Tensor) d));
        }
        InferContext context = new InferContext(op, "", operands, outputs, () -> {
            throw new AssertionError("inference of " + op + " does not know a dimension of constants");
        });
        return op.infer(context).stream().map(t -> (TensorType) t).toList();
    }

    private static boolean isSmallInteger(Datum d) {
        return d instanceof Tensor t && t.dtype() == DType.INT64 && t.rank() <= 1 && t.size() <= 16;
    }

    /**
     * Runs a kernel and checks the guards. The parts of each stage run one by one, from the last to the first.
     *
     * @param prepared the kernel
     * @param inputs the operands
     * @return the outputs, null for an output that is not needed
     */
    public static List<Tensor> run(Prepared prepared, List<Datum> inputs) {
        Kernel kernel = prepared.kernel();
        KernelRequest request = prepared.request();
        List<GuardedMemory> memory = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) == null) {
                memory.add(null);
                continue;
            }
            GuardedMemory m =
                    GuardedMemory.of(request.layout(i).byteSize(request.inputs().get(i)));
            request.layout(i).pack((Tensor) inputs.get(i), m.segment());
            memory.add(m);
        }
        for (TensorType type : request.outputs()) {
            memory.add(type == null ? null : GuardedMemory.of(Layout.ROW_MAJOR.byteSize(type)));
        }
        int outputs = memory.size();
        if (kernel.sharedBytes() > 0) {
            memory.add(GuardedMemory.of(kernel.sharedBytes()));
        }
        MemorySegment[] operands =
                memory.stream().map(m -> m == null ? null : m.segment()).toArray(MemorySegment[]::new);
        GuardedMemory scratch = GuardedMemory.of(kernel.scratchBytes());
        for (Kernel stage = kernel; stage != null; stage = stage.nextStage()) {
            for (int part = stage.parts() - 1; part >= 0; part--) {
                stage.run(operands, scratch.segment(), part, part + 1);
            }
        }
        scratch.check(kernel.id() + " scratch");
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < memory.size(); i++) {
            if (memory.get(i) != null) {
                memory.get(i).check(kernel.id() + " operand " + i);
            }
            if (i >= inputs.size() && i < outputs) {
                TensorType type = request.outputs().get(i - inputs.size());
                results.add(
                        type == null
                                ? null
                                : Tensor.of(
                                        type.dtype(), operands[i], type.shape().toArray()));
            }
        }
        return results;
    }

    /**
     * The elements of a tensor as a kernel takes them.
     *
     * @param t the tensor, row-major
     * @return a copy in native memory
     */
    public static MemorySegment operand(Tensor t) {
        return Arena.ofAuto().allocate(t.byteSize(), 64).copyFrom(t.segment());
    }

    /**
     * Runs a kernel of one operand and one result in memory that touches guards.
     *
     * @param prepared the kernel
     * @param x the operand, row-major
     * @param resultBytes the size of the result
     * @param last whether operand, result and scratch memory end at a guard, else they start at one
     * @return the result
     */
    public static MemorySegment guarded(Prepared prepared, Tensor x, long resultBytes, boolean last) {
        MemorySegment in = GuardPages.of(x.byteSize()).part(x.byteSize(), last);
        prepared.request().layout(0).pack(x, in);
        MemorySegment result = GuardPages.of(resultBytes).part(resultBytes, last);
        long scratch = (prepared.kernel().scratchBytes() + 63) / 64 * 64;
        prepared.kernel()
                .runAll(new MemorySegment[] {in, result}, GuardPages.of(scratch).part(scratch, last));
        return result;
    }
}
