package dev.tenon.benchmarks.cases;

import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.OnnxRuntimeRun;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.engine.TenonRun;
import dev.tenon.op.catalog.QuantOperators;
import dev.tenon.samples.inspect.SampleInputs;
import dev.tenon.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A call of any model, on random inputs.
 *
 * @param model a readable name
 * @param file an ONNX file
 * @param asked dimensions of inputs by name; other inputs get likely dimensions
 * @param threads threads of one call, at least 1
 * @param terms how Tenon computes and is called
 */
public record ModelCase(String model, Path file, Map<String, long[]> asked, int threads, Terms terms)
        implements BenchmarkCase {
    /** Quantised outputs agree only roughly, as {@link MiniLmCase#leastCosine} explains. */
    private static final double QUANTISED_COSINE = 0.98;

    /** The cosine where Tenon quantises products of a float32 model during a call. */
    private static final double DYNAMIC_COSINE = 0.99;

    /** The cosine where Tenon rounds products of a float32 model to BF16. */
    private static final double BF16_COSINE = 0.999;

    private static final double COSINE = 0.99999;

    /**
     * Makes the case of JMH parameters.
     *
     * @param name a readable name
     * @param file an ONNX file
     * @param shapes shapes such as {@code x=1x128}, separated by spaces; may be empty
     * @param threads threads of one call
     * @param terms how Tenon computes and is called
     * @return the case
     * @throws IllegalArgumentException if there is no such file or a parameter has a wrong form
     */
    public static ModelCase of(String name, String file, String shapes, int threads, Terms terms) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads + " is not at least 1");
        }
        if (!Files.isRegularFile(Path.of(file))) {
            throw new IllegalArgumentException("there is no model " + file);
        }
        List<String> texts =
                shapes.isBlank() ? List.of() : Arrays.asList(shapes.trim().split(" +"));
        String title = (name + " " + terms.title()).strip();
        return new ModelCase(title, Path.of(file), SampleInputs.shapes(texts), threads, terms);
    }

    @Override
    public String sizes() {
        Map<String, Tensor> inputs = SampleInputs.of(Model.load(file), asked);
        return inputs.values().stream()
                .filter(t -> t.rank() > 0)
                .map(BenchmarkCase::dims)
                .distinct()
                .collect(Collectors.joining(" "));
    }

    @Override
    public String shapes() {
        return BenchmarkCase.shapes(SampleInputs.of(Model.load(file), asked));
    }

    /** The arithmetic of all steps of a call. Bodies of control-flow operators count as often as they run. */
    @Override
    public double flops() {
        Model read = Model.load(file);
        Profile profile =
                read.session(SessionOptions.standard().threads(1)).inspect().profile(SampleInputs.of(read, asked), 1);
        double flops = 0;
        for (Profile.GraphTimes graph : profile.graphs()) {
            for (Profile.StepTime time : graph.steps()) {
                flops += time.step()
                        .cost()
                        .map(cost -> (double) cost.flops() * graph.runs())
                        .orElse(0.0);
            }
        }
        return flops;
    }

    @Override
    public double leastCosine() {
        boolean quantised = Model.load(file).graph().nodes().stream()
                .anyMatch(n -> QuantOperators.set().contains(n.op()));
        return quantised
                ? QUANTISED_COSINE
                : switch (terms.precision()) {
                    case FP32 -> COSINE;
                    case BF16 -> BF16_COSINE;
                    case INT8_DYNAMIC -> DYNAMIC_COSINE;
                };
    }

    @Override
    public PreparedRun prepare(String engine) {
        Model read = Model.load(file);
        Map<String, Tensor> inputs = SampleInputs.of(read, asked);
        return switch (engine) {
            case Engines.TENON -> ours(inputs);
            case Engines.ONNXRUNTIME ->
                read.optionalInputs().isEmpty()
                        ? new OnnxRuntimeRun(file, threads, inputs)
                        : withConstantWeights(read, inputs);
            default -> throw Engines.unknown(engine, engines());
        };
    }

    private PreparedRun ours(Map<String, Tensor> inputs) {
        Session session = Model.load(file)
                .session(SessionOptions.standard()
                        .threads(threads)
                        .numerics(terms.numerics())
                        .precision(terms.precision()));
        return switch (terms.call()) {
            case PREPARED -> new TenonRun(session, inputs);
            case MAP -> TenonRun.ofMaps(session, inputs);
        };
    }

    /**
     * Prepares ONNX Runtime for a model whose weights are inputs too. These would hinder its optimiser, so they are
     * removed from the inputs of its model, and nothing else is changed.
     */
    private PreparedRun withConstantWeights(Model read, Map<String, Tensor> inputs) {
        Set<String> optional =
                read.optionalInputs().stream().map(ValueInfo::name).collect(Collectors.toSet());
        byte[] model = GraphInputs.without(optional, file);
        return new OnnxRuntimeRun(model, file.toAbsolutePath().getParent(), threads, inputs);
    }
}
