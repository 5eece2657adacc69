package dev.tenon.benchmarks.operators;

import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.engine.Values;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.plan.KernelOperand;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.plan.Step;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A single kernel, with operands in native memory and all parts on the calling thread. The kernel is the one that its
 * table selects, or one that is named by its id, whether the table would select it or not. The id may have the width of
 * vectors or not. Peers run the operator as {@link OperatorCase} defines it, by the operators of the standard.
 *
 * @param operator the operator, which becomes one step
 * @param graph the operator as it runs, one node
 * @param step the step
 * @param plan the plan of the step
 */
public record KernelCase(OperatorCase operator, Graph graph, Step.KernelStep step, Plan plan) implements BenchmarkCase {
    /** Stands for all ids of {@link KernelOperators}. */
    public static final String ALL = "all";

    /** Stands for the kernel that the table selects. */
    public static final String SELECTED = "selected";

    /** Stands for the operators that {@link KernelOperators} lists for a kernel. */
    public static final String LISTED = "listed";

    /** This machine. {@code -jvmArgsAppend -XX:UseAVX=2} limits its vectors. */
    public static final String HERE = "here";

    /** A machine that has only scalar kernels. */
    static final String SCALAR = "scalar";

    private static final long ALIGNMENT = 64;
    private static final String KERNEL = "kernel";
    private static final String OPERATOR = "operator";

    /**
     * Expands JMH parameters: {@value LISTED} to the operators of the lines of a kernel, {@value ALL} to the kernels of
     * all lines that fit the vectors of the machine. On a machine without vectors, operators run by the kernels that
     * their tables select.
     *
     * @param given combinations of parameters
     * @return combinations that {@link #of} takes
     * @throws IllegalArgumentException if a kernel has no line, or if the machine is unknown
     */
    public static List<Map<String, String>> listed(List<Map<String, String>> given) {
        Set<Map<String, String>> all = new LinkedHashSet<>();
        for (Map<String, String> parameters : given) {
            String kernel = parameters.get(KERNEL);
            boolean every = kernel.equals(ALL) || kernel.equals(SELECTED);
            Capabilities machine = capabilities(parameters.get("machine"));
            boolean best = kernel.equals(SELECTED) || !machine.vector();
            if (!parameters.get(OPERATOR).equals(LISTED)) {
                all.add(with(parameters, every ? SELECTED : kernel, parameters.get(OPERATOR)));
                continue;
            }
            boolean found = false;
            for (KernelOperators.Line line : KernelOperators.lines()) {
                if (line.kernel().equals(plain(kernel)) || every && (best || line.fits(machine))) {
                    found = true;
                    all.add(with(parameters, best ? SELECTED : line.kernel(), line.operator()));
                }
            }
            if (!found) {
                throw new IllegalArgumentException("kernel '" + kernel
                        + "' has no operators in the list; name one by -p operator=, or use one of the kernels "
                        + String.join(", ", KernelOperators.kernels()));
            }
        }
        return List.copyOf(all);
    }

    private static Map<String, String> with(Map<String, String> parameters, String kernel, String operator) {
        Map<String, String> its = new LinkedHashMap<>(parameters);
        its.put(KERNEL, kernel);
        its.put(OPERATOR, operator);
        return its;
    }

    /**
     * Makes the case of JMH parameters.
     *
     * @param kernel the id of a kernel in the form of tables, plans or the output of this suite, with any width; or
     *     {@value SELECTED}
     * @param operator the name of an operator of {@link KernelOperators} or {@link NarrowOperators}, which is run unchanged;
     *     or another name of {@link OperatorCase}, which the rules rewrite first
     * @param machine {@value HERE} or {@value SCALAR}
     * @return the case
     * @throws IllegalArgumentException if a parameter has a wrong form, if the operator is more than one step on the
     *     machine, or if the kernel does not support it
     */
    public static KernelCase of(String kernel, String operator, String machine) {
        OperatorCase spelled = OperatorCase.of(operator);
        return of(kernel, spelled, rewritten(operator, spelled), machine);
    }

    /** The graph of an operator as it runs: rewritten by the rules, unless the name stands for one operator of a list. */
    static Graph rewritten(String operator, OperatorCase spelled) {
        boolean listed = KernelOperators.find(operator) != null || NarrowOperators.text(operator) != null;
        return listed
                ? spelled.graph()
                : Pipeline.standard(StandardRules.FLOATS.paying(CoreKernels.set()::has))
                        .apply(spelled.graph());
    }

    /**
     * Makes the case of an operator.
     *
     * @param kernel the id of a kernel, or {@value SELECTED}
     * @param operator the operator
     * @param graph the operator as it runs, one node
     * @param machine {@value HERE} or {@value SCALAR}
     * @return the case
     * @throws IllegalArgumentException if the kernel does not support the operator, or the machine is unknown
     */
    public static KernelCase of(String kernel, OperatorCase operator, Graph graph, String machine) {
        Capabilities here = capabilities(machine);
        boolean asked = !kernel.equals(SELECTED);
        Program program = new Program(graph, CoreKernels.set(), asked ? here.requesting(plain(kernel)) : here);
        List<Datum> inputs = new ArrayList<>();
        graph.inputs().forEach(v -> inputs.add(operator.inputs().get(v.name())));
        Plan plan = Planner.plan(program, ShapeKey.of(inputs.toArray(new Datum[0])), Long.MAX_VALUE);
        if (plan.steps().size() != 1) {
            throw new IllegalArgumentException("operator '" + operator.model() + "' is not one kernel on " + machine);
        }
        if (!(plan.steps().getFirst() instanceof Step.KernelStep step)
                || asked && !plain(step.kernelId()).equals(plain(kernel))) {
            throw new IllegalArgumentException("operator '" + operator.model() + "' does not run by kernel '" + kernel
                    + "' on " + machine + ", but by "
                    + plan.steps().getFirst().kernelId());
        }
        return new KernelCase(operator, graph, step, plan);
    }

    /** The id of a kernel in its table: without the width of vectors, the tile and other additions. */
    static String plain(String id) {
        return id.replaceAll("_?\\d+x\\d+", "")
                .replaceAll("_(avx512|avxvnni|avx2)[a-z0-9]*(_.*)?$", "_x64")
                .replaceAll("(_vector|_scalar|_x64|_amx)\\d*(_.*)?$", "$1");
    }

    private static Capabilities capabilities(String machine) {
        return switch (machine) {
            case SCALAR -> Capabilities.SCALAR;
            case HERE -> Tiers.detect().capabilities();
            default -> throw new IllegalArgumentException("machine '" + machine + "' is unknown; use scalar or here");
        };
    }

    @Override
    public String model() {
        return step.kernelId();
    }

    @Override
    public String kernel() {
        return step.kernelId();
    }

    @Override
    public String sizes() {
        return operator.model();
    }

    @Override
    public String shapes() {
        return operator.shapes();
    }

    @Override
    public List<String> engines() {
        return operator.engines();
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public double flops() {
        return step.cost().flops();
    }

    @Override
    public double bytes() {
        double bytes = step.cost().bytes();
        for (Value v : graph.constants()) {
            Tensor narrow = v.constant().narrow();
            bytes -= narrow == null ? 0 : v.constant().byteSize() - narrow.byteSize();
        }
        return bytes;
    }

    @Override
    public double leastCosine() {
        return operator.leastCosine();
    }

    @Override
    public PreparedRun prepare(String engine) {
        return engine.equals(Engines.TENON) ? new Run(step, plan, operator.inputs()) : operator.prepare(engine);
    }

    private static final class Run implements PreparedRun {
        private final Kernel kernel;
        private final MemorySegment[] operands;
        private final MemorySegment scratch;
        private final Tensor output;

        private Run(Step.KernelStep step, Plan plan, Map<String, Tensor> inputs) {
            kernel = step.kernel();
            Arena arena = Arena.ofAuto();
            MemorySegment memory = arena.allocate(Math.max(1, plan.arenaBytes()), ALIGNMENT);
            scratch = arena.allocate(Math.max(1, kernel.scratchBytes()), ALIGNMENT);
            operands = new MemorySegment[step.operands().size()];
            for (int i = 0; i < operands.length; i++) {
                operands[i] = switch (step.operands().get(i)) {
                    case null -> null;
                    case KernelOperand.ConstantOperand c -> c.segment();
                    case KernelOperand.PackedOperand p -> p.weights().segment(p.index());
                    case KernelOperand.BufferOperand b ->
                        memory.asSlice(plan.buffers().get(b.buffer()).offset() + b.offset(), b.bytes());
                };
            }
            List<Value> values = step.node().inputs();
            for (int i = 0; i < values.size(); i++) {
                if (step.operands().get(i) instanceof KernelOperand.BufferOperand) {
                    operands[i].copyFrom(inputs.get(values.get(i).name()).segment());
                }
            }
            TensorType type = (TensorType) step.types().outputs().getFirst();
            output = Tensor.of(
                    type.dtype(), operands[values.size()], type.shape().toArray());
        }

        @Override
        public void run() {
            kernel.runAll(operands, scratch);
        }

        @Override
        public float[] output() {
            return Values.floats(List.of(output));
        }

        /** Does nothing. The garbage collector frees the memory. */
        @Override
        public void close() {}
    }
}
