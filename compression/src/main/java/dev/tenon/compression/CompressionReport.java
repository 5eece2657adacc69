package dev.tenon.compression;

import dev.tenon.formats.AtomicFile;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The changes that a compression made, and their cost.
 *
 * @param model the name of the model
 * @param recipe the names of the steps, joined by {@code +}
 * @param sizeBytes the bytes of the model as an ONNX file, external data included
 * @param parameters the number of stored elements of weights
 * @param flops twice the multiply-adds of matrix products, convolutions, attention and recurrent networks for one sample,
 *     with dense weights; absent if no sample says which shapes the inputs have
 * @param score how well the compressed model does, if it was evaluated
 * @param latency the time of a call with one sample, if it was measured and a sample says which shapes the inputs have
 * @param layers the effect on each layer, in the order of the steps and of the graph
 * @param isFloorMet whether the loss stays within what was allowed, also on the test set if there is one; true if nothing was asked for
 * @param seed the seed of all random choices
 * @param details constants, the search, and the machine
 */
public record CompressionReport(
        String model,
        String recipe,
        Change sizeBytes,
        Change parameters,
        Optional<Change> flops,
        Optional<Score> score,
        Optional<Latency> latency,
        List<LayerReport> layers,
        boolean isFloorMet,
        long seed,
        Details details) {
    /**
     * A number before and after.
     *
     * @param before the number of the model before compression
     * @param after that of the compressed model
     */
    public record Change(long before, long after) {
        /** {@return after as a share of before; 1 if both are 0} */
        public double ratio() {
            return before == 0 && after == 0 ? 1 : (double) after / before;
        }
    }

    /**
     * The median time of a call with one sample, or with the fixed batch of the model.
     *
     * @param beforeMillis milliseconds of the model before compression
     * @param afterMillis milliseconds of the compressed model
     * @param threads the threads of a call
     * @param operators the time by operators of the optimised graphs, the longest first
     */
    public record Latency(double beforeMillis, double afterMillis, int threads, List<OperatorTime> operators) {
        /** Copies the list. */
        public Latency {
            operators = List.copyOf(operators);
        }
    }

    /**
     * The time of all nodes of an operator in a call.
     *
     * @param operator the name of the operator
     * @param beforeMillis the sum of the medians in milliseconds, of the model before compression
     * @param afterMillis the same of the compressed model
     */
    public record OperatorTime(String operator, double beforeMillis, double afterMillis) {}

    /**
     * The model after a step.
     *
     * @param step the name of the step
     * @param loss how much worse the model is after this step than before compression, in units of the metric
     * @param sizeBytes the bytes of the model after this step
     */
    public record Stage(String step, double loss, long sizeBytes) {}

    /**
     * The range that a step has chosen for an activation, beside the values that calibration has seen.
     *
     * @param value the name of the value in the graph
     * @param low the least number that its integers stand for
     * @param high the greatest one
     * @param least the least value that was seen
     * @param greatest the greatest one
     * @param clipped the number of values outside the range that was chosen, to the width of a bin of calibration
     * @param bins how many values were seen in equal parts of the range from the least to the greatest
     */
    public record ActivationRange(
            String value, double low, double high, double least, double greatest, long clipped, List<Long> bins) {
        /** Copies the list. */
        public ActivationRange {
            bins = List.copyOf(bins);
        }

        /** {@return the number of values that were seen} */
        public long count() {
            return bins.stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * The channels between two layers, before and after they were equalised.
     *
     * @param first the layer before
     * @param second the layer after
     * @param before the largest absolute weight of each channel of the first layer, before
     * @param after the same after
     */
    public record ChannelRanges(String first, String second, List<Double> before, List<Double> after) {
        /** Copies the lists. */
        public ChannelRanges {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }

    /**
     * How weights were trained.
     *
     * @param step the name of the step
     * @param epochs the loss before training, then after each epoch
     * @param best the index of the epoch whose weights are the result; 0 if they are those before training
     * @param agreement how far the network agrees with its teacher
     * @param trained the names of the constants that were trained
     * @param frozen why other constants of floating-point numbers stayed as they were, by their names
     * @param notes where layers came from, and what happened
     * @param seconds the time that training took in this run
     */
    public record Training(
            String step,
            List<Epoch> epochs,
            int best,
            Agreement agreement,
            List<String> trained,
            Map<String, String> frozen,
            List<String> notes,
            double seconds) {
        /** Copies the collections. */
        public Training {
            epochs = List.copyOf(epochs);
            trained = List.copyOf(trained);
            frozen = Collections.unmodifiableMap(new LinkedHashMap<>(frozen));
            notes = List.copyOf(notes);
        }

        /**
         * The losses of an epoch.
         *
         * @param training the mean loss of its steps; NaN before training, and if a loss was no number
         * @param judged the loss on the samples that no step sees; NaN if it was no number
         * @param rate the rate of the last step
         */
        public record Epoch(double training, double judged, double rate) {}

        /**
         * The agreement with the teacher on the samples that no step sees.
         *
         * @param kind {@code classes} for the share of samples of the same class, {@code cosine} for the mean cosine
         * @param before that before training
         * @param after that of the result
         * @param samples the number of samples
         */
        public record Agreement(String kind, double before, double after, long samples) {}
    }

    /**
     * A node of the graph before compression.
     *
     * @param name the name of the layer: that of the node, or of its output if it has none
     * @param operator the name of its operator
     * @param weights the number of elements of its constants
     * @param sources the indices of the nodes that make its operands, each smaller than that of the node
     */
    public record GraphNode(String name, String operator, long weights, List<Integer> sources) {
        /** Copies the list. */
        public GraphNode {
            sources = List.copyOf(sources);
        }

        /** The nodes of a graph in order, without those of bodies. */
        static List<GraphNode> of(Graph graph) {
            Map<Node, Integer> indices = new IdentityHashMap<>();
            List<GraphNode> nodes = new ArrayList<>();
            for (Node node : graph.nodes()) {
                long weights = 0;
                Set<Integer> sources = new TreeSet<>();
                for (Value v : node.inputs()) {
                    if (v != null && v.isConstant()) {
                        weights += v.constant().size();
                    } else if (v != null && v.producer() != null) {
                        sources.add(indices.get(v.producer()));
                    }
                }
                indices.put(node, nodes.size());
                nodes.add(new GraphNode(
                        LinearLayer.name(node), node.op().schema().name(), weights, List.copyOf(sources)));
            }
            return nodes;
        }
    }

    /**
     * The judgement on a test set, which no choice has seen.
     *
     * @param score how well the compressed model does there
     * @param hash the SHA-256 of its samples and labels, as {@link Fingerprint} has it
     */
    public record Tested(Score score, String hash) {}

    /**
     * The ground on which a result stands.
     *
     * @param calibrationHash the SHA-256 of the samples for calibration, as {@link Fingerprint} has it, if there were any
     * @param evaluationHash the same of the samples and labels on which the result was judged, if it was judged
     * @param test how well the compressed model does on a test set, if there was one
     * @param activations the ranges that were chosen for activations, in the order of the steps
     * @param channels the channels that were equalised
     * @param trainings how weights were trained, in the order of the steps
     * @param nodes the nodes of the graph before compression
     */
    public record Evidence(
            Optional<String> calibrationHash,
            Optional<String> evaluationHash,
            Optional<Tested> test,
            List<ActivationRange> activations,
            List<ChannelRanges> channels,
            List<Training> trainings,
            List<GraphNode> nodes) {
        /** Copies the lists. */
        public Evidence {
            activations = List.copyOf(activations);
            channels = List.copyOf(channels);
            trainings = List.copyOf(trainings);
            nodes = List.copyOf(nodes);
        }

        /** {@return nothing} */
        public static Evidence none() {
            return new Evidence(
                    Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), List.of(), List.of());
        }
    }

    /**
     * The further contents of the page.
     *
     * @param stages the model after each step, if there were several steps and a metric; otherwise empty
     * @param constantsBefore the constants of the model before compression
     * @param constantsAfter the constants of the compressed model
     * @param sensitivities the sensitivities of layers, empty if there was no search
     * @param trials the models that a search has tried, in order, empty if there was no search
     * @param evidence the data, the ranges that it gave, and the graph
     * @param machine the machine and the software
     */
    public record Details(
            List<Stage> stages,
            List<StoredTensor> constantsBefore,
            List<StoredTensor> constantsAfter,
            List<Sensitivity> sensitivities,
            List<Trial> trials,
            Evidence evidence,
            Machine machine) {
        /** Copies the lists. */
        public Details {
            stages = List.copyOf(stages);
            constantsBefore = List.copyOf(constantsBefore);
            constantsAfter = List.copyOf(constantsAfter);
            sensitivities = List.copyOf(sensitivities);
            trials = List.copyOf(trials);
        }
    }

    /** Copies the list. */
    public CompressionReport {
        layers = List.copyOf(layers);
    }

    /**
     * This report with what a search has found out.
     *
     * @param sensitivities the sensitivities of layers
     * @param trials the models that it has tried, in order
     * @return the changed copy
     */
    public CompressionReport withSearch(List<Sensitivity> sensitivities, List<Trial> trials) {
        Details all = new Details(
                details.stages(),
                details.constantsBefore(),
                details.constantsAfter(),
                sensitivities,
                trials,
                details.evidence(),
                details.machine());
        return new CompressionReport(
                model, recipe, sizeBytes, parameters, flops, score, latency, layers, isFloorMet, seed, all);
    }

    /**
     * This report with another name of the recipe.
     *
     * @param name the name
     * @return the changed copy
     */
    public CompressionReport withRecipe(String name) {
        return new CompressionReport(
                model, name, sizeBytes, parameters, flops, score, latency, layers, isFloorMet, seed, details);
    }

    /** {@return whether the compressed model takes fewer bytes than the model before compression} */
    public boolean isSmaller() {
        return sizeBytes.after() < sizeBytes.before();
    }

    /**
     * The report as JSON, without line breaks. Accuracy and cosine are in points of 100, other metrics as they are. What was not
     * measured is null, and so is the SQNR of a layer without noise.
     *
     * <pre>{@code
     * {"model", "recipe", "size_bytes": {"before", "after"}, "parameters": {"before", "after"},
     *  "flops": {"before", "after"},
     *  "metric": {"name", "before", "after", "samples", "disagreements", "kl",
     *             "loss": {"value", "low", "high", "confidence"}},
     *  "test": as "metric", on the test set,
     *  "floor_met", "seed", "data_sha256": {"calibration", "evaluation", "test"},
     *  "latency_ms": {"before", "after", "threads"},
     *  "layers": [{"name", "technique", "bits", "sparsity", "sqnr_db", "kept", "reason"}],
     *  "trainings": [{"step", "losses": [{"training", "judged", "rate"}], "best",
     *                 "agreement": {"kind", "before", "after", "samples"}, "trained", "frozen", "notes", "seconds"}]}
     * }</pre>
     *
     * @return the text
     */
    public String toJson() {
        return ReportJson.of(this);
    }

    /**
     * Writes the report as JSON in UTF-8, as {@link #toJson} has it. The file appears when it is complete.
     *
     * @param file the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void writeJson(Path file) {
        write(file, toJson() + "\n");
    }

    /**
     * Writes the report as one HTML page that needs neither a network nor scripts. The file appears when it is complete.
     *
     * @param file the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void writeHtml(Path file) {
        write(file, ReportPage.of(this));
    }

    private static void write(Path file, String text) {
        AtomicFile.write(file, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }
}
