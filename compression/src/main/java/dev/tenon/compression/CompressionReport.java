package dev.tenon.compression;

import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.formats.AtomicFile;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
    /** The version of the form of {@link #toJson}. */
    public static final int JSON_VERSION = 1;

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
     * The times of a call with one sample, or with the fixed batch of the model. Short calls are made several times a round, and
     * their mean counts.
     *
     * @param medianMillis the median of the rounds, in milliseconds
     * @param lowMillis the calls of a tenth of the rounds took less
     * @param highMillis those of a tenth took more
     */
    public record Spread(double medianMillis, double lowMillis, double highMillis) {}

    /**
     * The times of calls of both models, which were made in turns.
     *
     * @param before the times of the model before compression
     * @param after those of the compressed model
     * @param threads the threads of a call
     * @param isWarm whether the calls got no faster and were hardly compiled any more when they were measured; otherwise the times are
     *     too long
     * @param load the load of the machine before the measurement: the mean number of threads that ran or waited for a processor in
     *     the last minute; absent if the system does not tell it
     * @param operators the time by operators of the optimised graphs, the longest first
     */
    public record Latency(
            Spread before,
            Spread after,
            int threads,
            boolean isWarm,
            OptionalDouble load,
            List<OperatorTime> operators) {
        /** Copies the list. */
        public Latency {
            operators = List.copyOf(operators);
        }

        /** {@return the median of the model before compression, in milliseconds} */
        public double beforeMillis() {
            return before.medianMillis();
        }

        /** {@return the median of the compressed model, in milliseconds} */
        public double afterMillis() {
            return after.medianMillis();
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
     * The SHA-256 of all that a result was made of, and of the result.
     *
     * @param model of the file before compression; of the model as an ONNX file of Tenon if it came from no file, or from one with
     *     external data
     * @param result of the compressed model as {@link Compression#save} writes it
     * @param recipe of the text of the recipe, or of the names of its steps or options, as {@link Fingerprint} has it
     * @param calibration of the samples for calibration, as {@link Fingerprint} has it, if there were any
     * @param evaluation the same of the samples and labels on which the result was judged, if it was judged
     */
    public record Hashes(
            String model, String result, String recipe, Optional<String> calibration, Optional<String> evaluation) {}

    /**
     * The ground on which a result stands.
     *
     * @param hashes the hashes of models, recipe and data
     * @param test how well the compressed model does on a test set, if there was one
     * @param changes the samples and classes that changed: of the test set, or without one of the evaluation; absent if nothing
     *     was judged
     * @param activations the ranges that were chosen for activations, in the order of the steps
     * @param channels the channels that were equalised
     * @param trainings how weights were trained, in the order of the steps
     * @param nodes the nodes of the graph before compression
     */
    public record Evidence(
            Hashes hashes,
            Optional<Tested> test,
            Optional<Changes> changes,
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
    }

    /**
     * The options of a run.
     *
     * @param allowedLoss the loss that is allowed, in units of the metric; infinite if nothing is judged or any loss is allowed
     * @param confidence the level of the margins, and whether they are demanded
     * @param threads the threads of the calls whose latency is measured; 0 if it is not
     * @param objective the quantity that a search makes small; empty if there was no search
     */
    public record Options(double allowedLoss, Confidence confidence, int threads, String objective) {}

    /**
     * The further contents of the page.
     *
     * @param stages the model after each step, if there were several steps and a metric; otherwise empty
     * @param constantsBefore the constants of the model before compression
     * @param constantsAfter the constants of the compressed model
     * @param sensitivities the sensitivities of layers, empty if there was no search
     * @param trials the models that a search has tried, in order, empty if there was no search
     * @param evidence the data, the ranges that it gave, and the graph
     * @param options the options of the run
     * @param machine the machine and the software
     */
    public record Details(
            List<Stage> stages,
            List<StoredTensor> constantsBefore,
            List<StoredTensor> constantsAfter,
            List<Sensitivity> sensitivities,
            List<Trial> trials,
            Evidence evidence,
            Options options,
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

    private CompressionReport with(String name, Details changed) {
        return new CompressionReport(
                model, name, sizeBytes, parameters, flops, score, latency, layers, isFloorMet, seed, changed);
    }

    /**
     * This report with what a search has found out.
     *
     * @param sensitivities the sensitivities of layers
     * @param trials the models that it has tried, in order
     * @param objective the quantity that it made small
     * @param options a text that tells the options of layers, of which the hash of the recipe is made
     * @return the changed copy
     */
    public CompressionReport withSearch(
            List<Sensitivity> sensitivities, List<Trial> trials, String objective, String options) {
        return with(
                recipe,
                new Details(
                        details.stages(),
                        details.constantsBefore(),
                        details.constantsAfter(),
                        sensitivities,
                        trials,
                        withHash(options),
                        new Options(
                                details.options().allowedLoss(),
                                details.options().confidence(),
                                details.options().threads(),
                                objective),
                        details.machine()));
    }

    private Evidence withHash(String text) {
        Evidence e = details.evidence();
        Hashes h = e.hashes();
        Hashes changed =
                new Hashes(h.model(), h.result(), new Fingerprint().add(text).hex(), h.calibration(), h.evaluation());
        return new Evidence(changed, e.test(), e.changes(), e.activations(), e.channels(), e.trainings(), e.nodes());
    }

    /**
     * This report with another name of the recipe.
     *
     * @param name the name
     * @return the changed copy
     */
    public CompressionReport withRecipe(String name) {
        return with(name, details);
    }

    /**
     * This report with the name and the text of a recipe.
     *
     * @param name the name
     * @param text the text, of which the hash of the recipe is made
     * @return the changed copy
     */
    public CompressionReport withRecipe(String name, String text) {
        Details d = details;
        return with(
                name,
                new Details(
                        d.stages(),
                        d.constantsBefore(),
                        d.constantsAfter(),
                        d.sensitivities(),
                        d.trials(),
                        withHash(text),
                        d.options(),
                        d.machine()));
    }

    /** {@return whether the compressed model takes fewer bytes than the model before compression} */
    public boolean isSmaller() {
        return sizeBytes.after() < sizeBytes.before();
    }

    /**
     * The report as JSON, without line breaks, in units of the metrics. What was not measured is null, and so is the SQNR of a layer
     * without noise. The JSON Schema of version {@value #JSON_VERSION} is {@code docs/compression-report.schema.json}: members may
     * be added to a version, and a change of another kind makes a new one.
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
        AtomicFile.writeText(file, toJson() + "\n");
    }

    /**
     * Writes the report as one HTML page that needs neither a network nor scripts. The file appears when it is complete.
     *
     * @param file the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void writeHtml(Path file) {
        AtomicFile.writeText(file, ReportPage.of(this));
    }
}
