package dev.tenon.plan;

import dev.tenon.formats.Preparation;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.graph.pass.LayoutAssignment;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Makes {@linkplain Program programs} of graphs: optimises a graph and packs its constants for the kernels of this
 * machine. A session has one compiler. It compiles the model's graph when the session is made. During calls it compiles
 * bodies of control operators, and graphs for input shapes that decide which branch is taken. Safe for any number of
 * threads.
 */
public final class Compiler {
    /** How far graphs are optimised. */
    public enum Optimization {
        /** Nothing. */
        NONE,
        /** Rewrites that keep every bit of the results, and layouts for convolutions of floats. */
        EXACT,
        /** All rewrites, and layouts for vectors. */
        FULL
    }

    private final KernelSet kernels;
    private final Capabilities capabilities;
    private final Optimization optimization;

    /** Rules that change the precision of products; null for none. */
    private final RuleSet precision;

    /** Null until it is needed: a package is optimised already, and most packages need no pipeline. */
    private Pipeline pipeline;

    /**
     * A compiler for this machine.
     *
     * @param kernels the kernels that may be selected
     * @param capabilities what the machine can do
     * @param optimization how far graphs are optimised
     */
    public Compiler(KernelSet kernels, Capabilities capabilities, Optimization optimization) {
        this(kernels, capabilities, optimization, null);
    }

    /**
     * A compiler that changes the precision of products.
     *
     * @param kernels the kernels that may be selected
     * @param capabilities what the machine can do
     * @param optimization how far graphs are optimised
     * @param precision the rules that change the precision, applied if the optimisation is full; null for none
     */
    public Compiler(KernelSet kernels, Capabilities capabilities, Optimization optimization, RuleSet precision) {
        this.kernels = kernels;
        this.capabilities = capabilities;
        this.optimization = optimization;
        this.precision = precision;
    }

    private synchronized Pipeline pipeline() {
        if (pipeline == null) {
            pipeline = newPipeline();
        }
        return pipeline;
    }

    private Pipeline newPipeline() {
        if (optimization == Optimization.NONE) {
            return new Pipeline(List.of());
        }
        Target target = new Target(kernels, capabilities);
        Predicate<Class<? extends Op>> pays = type -> kernels.pays(type, capabilities);
        Set<LayoutAssignment.Gain> gains = gains(capabilities);
        if (optimization == Optimization.EXACT) {
            gains.remove(LayoutAssignment.Gain.BYTES);
            Pipeline exact = Pipeline.standard(StandardRules.FLOATS.paying(pays).where(Rule::exact), target);
            return gains.isEmpty() ? exact : exact.withLayouts(gains);
        }
        boolean bytes = capabilities.multipliesBytes();
        Pipeline plain = bytes
                ? Pipeline.standard(StandardRules.BYTES.paying(pays), target).withIntegers()
                : Pipeline.standard(StandardRules.FLOATS.paying(pays), target);
        Pipeline widening = plain.withHalfWidening();
        Pipeline standard = precision == null ? widening : widening.withPrecision(precision);
        return gains.isEmpty() ? standard : standard.withLayouts(gains);
    }

    private static Set<LayoutAssignment.Gain> gains(Capabilities machine) {
        Set<LayoutAssignment.Gain> gains = EnumSet.noneOf(LayoutAssignment.Gain.class);
        if (machine.multipliesBytes()) {
            gains.add(LayoutAssignment.Gain.BYTES);
        }
        if (machine.panelColumns() > 0) {
            gains.add(LayoutAssignment.Gain.VECTORS);
        }
        if (machine.hasMachineCode()) {
            gains.add(LayoutAssignment.Gain.MACHINE_CODE);
        }
        return gains;
    }

    /**
     * Makes the rules that a graph needs. {@link #compile} makes those that are missing, so this pays on another thread only,
     * while that one does its first passes.
     *
     * @param graph the graph as it was read
     */
    public void prepare(Graph graph) {
        Set<Class<? extends Op>> operators = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            operators.add(node.op().getClass());
        }
        pipeline().prepare(operators);
    }

    /**
     * Optimises a graph.
     *
     * @param graph a graph
     * @param trace records which rewrites fire
     * @return an equal graph, the same object if nothing changes
     */
    public Graph optimize(Graph graph, RewriteTrace trace) {
        return pipeline().apply(graph, trace);
    }

    /**
     * Compiles a graph.
     *
     * @param graph the graph as it was read
     * @return its program
     */
    public Program compile(Graph graph) {
        Graph simplified = simplify(graph);
        return new Program(simplified, lower(simplified), kernels, capabilities);
    }

    /**
     * Compiles the graph of a package, which is optimised already.
     *
     * @param graph the graph of the package
     * @param prepared has those constants that are packed already
     * @return its program
     * @throws dev.tenon.formats.MalformedModelException if a constant that is packed now is not what was written
     */
    public Program compile(Graph graph, Preparation prepared) {
        return new Program(graph, kernels, capabilities, prepared);
    }

    /**
     * Compiles a body of a control operator.
     *
     * @param body the body
     * @param owner the program that has the control operator
     * @return the program of the body
     */
    public Program compileBody(Graph body, Program owner) {
        Graph simplified = simplify(body);
        return owner.ofBody(simplified, lower(simplified));
    }

    /**
     * Compiles the graph of a program again, now that the input shapes are known. Shapes may decide which branch an If
     * takes. The branch then becomes a part of the graph, and shapes after it are known too.
     *
     * @param program a program
     * @param key the input shapes
     * @return a program for these shapes alone, which shares the packed constants; the same program if optimising
     *     changes nothing
     */
    public Program specialize(Program program, ShapeKey key) {
        Graph source = program.source();
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < source.inputs().size(); i++) {
            types.add(key.type(i, source.inputs().get(i).type()));
        }
        Graph typed = GraphCopy.of(source, types);
        Graph simplified = simplify(typed);
        return simplified == typed ? program : program.specialized(simplified, lower(simplified));
    }

    /** Applies the passes that are repeated: the result can be simplified again when more is known of its inputs. */
    private Graph simplify(Graph graph) {
        return pipeline().simplify(graph, RewriteTrace.none());
    }

    /** Applies the passes that come last. */
    private Graph lower(Graph simplified) {
        return pipeline().lower(simplified, RewriteTrace.none());
    }
}
