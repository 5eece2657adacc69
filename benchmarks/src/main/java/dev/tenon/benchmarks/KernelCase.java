package dev.tenon.benchmarks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CoreKernels;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Tiers;
import dev.tenon.plan.KernelOperand;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.plan.Step;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The kernel that a machine's table selects for an operator, with nothing around it: operands in native memory, all
 * parts on the calling thread. Peers run the operator as {@link OperatorCase} has it.
 *
 * @param operator the operator, of which one step comes
 * @param step the step
 * @param plan the plan of the step
 */
record KernelCase(OperatorCase operator, Step.KernelStep step, Plan plan) implements BenchmarkCase {
    private static final long ALIGNMENT = 64;

    /**
     * The case of JMH's parameters.
     *
     * @param operator see {@link OperatorCase}
     * @param machine {@code scalar} for plain loops, or {@code here} for what this JVM can do, which
     *     {@code -jvmArgsAppend -XX:UseAVX=2} narrows
     * @return the case
     * @throws IllegalArgumentException if a parameter is not of its form, or the operator is more than one step there
     */
    static KernelCase of(String operator, String machine) {
        OperatorCase c = OperatorCase.of(operator);
        Graph graph =
                Pipeline.standard(StandardRules.paying(CoreKernels.set()::has)).apply(c.graph());
        Program program = new Program(graph, CoreKernels.set(), capabilities(machine));
        Plan plan = Planner.plan(program, ShapeKey.of(new Datum[] {c.x()}), Long.MAX_VALUE);
        if (plan.steps().size() != 1 || !(plan.steps().getFirst() instanceof Step.KernelStep step)) {
            throw new IllegalArgumentException("operator '" + operator + "' is not one kernel on " + machine);
        }
        return new KernelCase(c, step, plan);
    }

    private static Capabilities capabilities(String machine) {
        return switch (machine) {
            case "scalar" -> Capabilities.SCALAR;
            case "here" -> Tiers.detect().capabilities();
            default -> throw new IllegalArgumentException("machine '" + machine + "' is none of scalar, here");
        };
    }

    @Override
    public String model() {
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
    public double leastCosine() {
        return operator.leastCosine();
    }

    @Override
    public PreparedRun prepare(String engine) {
        return engine.equals(Engines.TENON) ? new Run(step, plan, operator.x()) : operator.prepare(engine);
    }

    private static final class Run implements PreparedRun {
        private final Kernel kernel;
        private final MemorySegment[] operands;
        private final MemorySegment scratch;

        private Run(Step.KernelStep step, Plan plan, Tensor x) {
            kernel = step.kernel();
            Arena arena = Arena.ofAuto();
            MemorySegment memory = arena.allocate(plan.arenaBytes(), ALIGNMENT);
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
            for (int i = 0; i < operands.length - 1; i++) {
                if (step.operands().get(i) instanceof KernelOperand.BufferOperand) {
                    operands[i].copyFrom(x.segment());
                }
            }
        }

        @Override
        public void run() {
            kernel.runAll(operands, scratch);
        }

        @Override
        public float[] output() {
            return operands[operands.length - 1].toArray(ValueLayout.JAVA_FLOAT);
        }

        /** Does nothing: memory goes when nobody holds it. */
        @Override
        public void close() {}
    }
}
