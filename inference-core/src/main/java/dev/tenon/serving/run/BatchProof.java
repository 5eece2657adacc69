package dev.tenon.serving.run;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.ValueInfo;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Proves that rows of a model can be computed together, or refuses it by name. The types must have a first dimension that
 * is open, and no operator may depend on all rows by definition. Then samples are computed alone and together.
 */
final class BatchProof {
    private static final int[] NUMBERS = {2, 3, 8};
    private static final int SINGLES = 8;
    private static final long[] SIZES = {8, 16, 32, 64};
    private static final long SEED = 0x5EED;

    /** About what a row takes beside its elements: its places in lists. */
    private static final long BYTES_OF_ROW = 16;

    private final Model model;
    private final Engine engine;
    private final Rows rows;
    private final BatchOptions options;

    BatchProof(Model model, Engine engine, Rows rows, BatchOptions options) {
        this.model = model;
        this.engine = engine;
        this.rows = rows;
        this.options = options;
    }

    /** The rows of a model whose types allow batches. */
    static Rows rows(Model model, BatchOptions options) {
        if (options.padding().isPresent() && !options.isWithinNumerics()) {
            throw new InvalidOptionException(
                    "BatchOptions.pad",
                    "padding with results to the bit",
                    "padding with BatchOptions.withinNumerics",
                    "sums over a padded dimension may be rounded otherwise");
        }
        model.inputs().forEach(input -> checkRows("input", input));
        model.outputs().forEach(output -> checkRows("output", output));
        checkOperators(model.graph());
        Rows.Padding padding = options.padding()
                .map(p -> new Rows.Padding(p.axis(), p.values(), cuts(model.inputs(), model.outputs(), p)))
                .orElse(null);
        return new Rows(model.inputs().stream().map(ValueInfo::name).toList(), padding);
    }

    /** The axis that is cut, by the names of the outputs that have the padded dimension. */
    private static Map<String, Integer> cuts(
            List<ValueInfo> inputs, List<ValueInfo> outputs, BatchOptions.Padding padding) {
        Dim padded = null;
        for (ValueInfo input : inputs) {
            TensorType type = (TensorType) input.type();
            if (padding.values().containsKey(input.name())) {
                boolean has = type.shape().hasRank() && type.shape().rank() > padding.axis();
                Dim dim = has ? type.shape().dim(padding.axis()) : null;
                if (dim == null || dim.isKnown() || padded != null && !padded.equals(dim)) {
                    throw new NotBatchableException(
                            "input '" + input.name() + "'",
                            type + " can't be padded along axis " + padding.axis(),
                            "the same symbolic dimension in all padded inputs",
                            "name another axis in BatchOptions.pad");
                }
                padded = dim;
            }
        }
        Map<String, Integer> cuts = new LinkedHashMap<>();
        for (ValueInfo output : outputs) {
            if (!(output.type() instanceof TensorType type)) {
                throw new NotBatchableException(
                        "output '" + output.name() + "'",
                        output.type() + " can't be cut to the rows without padding",
                        "tensors",
                        "do not pad");
            }
            for (int k = 1;
                    padded != null && type.shape().hasRank() && k < type.shape().rank();
                    k++) {
                Dim dim = type.shape().dim(k);
                if (dim.equals(padded)) {
                    cuts.put(output.name(), k);
                } else if (!dim.isKnown() && dim.symbols().stream().anyMatch(padded.symbols()::contains)) {
                    throw new NotBatchableException(
                            "output '" + output.name() + "'",
                            type + " depends on the padded dimension " + padded,
                            "outputs that have this dimension or do not depend on it",
                            "do not pad");
                }
            }
        }
        return cuts;
    }

    private static void checkRows(String kind, ValueInfo info) {
        boolean open =
                switch (info.type()) {
                    case TensorType t -> !t.dtype().isSubByte() && isOpen(kind, t);
                    // Its elements are the rows, which only a run shows.
                    case SequenceType s -> kind.equals("output");
                    default -> false;
                };
        if (!open) {
            throw new NotBatchableException(
                    kind + " '" + info.name() + "'",
                    info.type() + " has no rows",
                    "tensors of whole bytes whose first dimension is symbolic"
                            + (kind.equals("output") ? ", and sequences" : ""),
                    "export the model with a symbolic batch dimension, or use BatchOptions.maxRows(1)");
        }
    }

    private static boolean isOpen(String kind, TensorType t) {
        if (!t.shape().hasRank()) {
            return kind.equals("output");
        }
        return t.shape().rank() > 0 && !t.shape().dim(0).isKnown();
    }

    /** Refuses operators that mix rows by definition. */
    private static void checkOperators(Graph graph) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof DynamicQuantizeLinear && !node.input(0).isConstant()) {
                throw new NotBatchableException(
                        node.toString(),
                        "its range is that of all rows together, so a row depends on those beside it",
                        "ranges for each row",
                        "load the float model with SessionOptions.precision(INT8_DYNAMIC), whose ranges are those of "
                                + "rows, or use BatchOptions.maxRows(1)");
            }
            if (!node.op().deterministic()) {
                throw new NotBatchableException(
                        node.toString(), "it is random", "operators whose results are fixed", "use maxRows(1)");
            }
            if (node.op() instanceof GraphOp control) {
                control.bodies().forEach(BatchProof::checkOperators);
            }
        }
    }

    /** Computes samples alone and together, and notes which numbers of rows are proven. */
    void prove(Function<Map<String, ? extends Datum>, RowGroup> groups) {
        try {
            compareSamples(groups);
        } catch (OutOfMemoryError e) {
            throw tooMany("more memory than there is", e);
        }
    }

    private ResourceLimitException tooMany(String need, OutOfMemoryError e) {
        return new ResourceLimitException(
                "the proof that " + options.maxRows() + " rows of model '" + model.name()
                        + "' have the same bits together",
                need,
                "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                "lower BatchOptions.maxRows, or raise -Xmx",
                e);
    }

    /** Refuses a number of rows whose inputs and outputs would take most of the heap. */
    private void checkMemory(Map<String, Tensor> single, Outputs alone) {
        long rowBytes = BYTES_OF_ROW;
        for (Tensor t : single.values()) {
            rowBytes += bytes(t);
        }
        for (Datum output : alone.values()) {
            for (Tensor t : RowComparison.tensors(output)) {
                rowBytes += bytes(t);
            }
        }
        long allowed = Runtime.getRuntime().maxMemory() / 2;
        if (options.maxRows() > allowed / rowBytes) {
            throw tooMany("at least " + rowBytes + " bytes for each row", null);
        }
    }

    private static long bytes(Tensor t) {
        return t.dtype() == DType.STRING ? t.size() * BYTES_OF_ROW : t.byteSize();
    }

    private void compareSamples(Function<Map<String, ? extends Datum>, RowGroup> groups) {
        List<Map<String, Tensor>> singles = singles();
        List<Outputs> alone = new ArrayList<>();
        singles.forEach(single -> alone.add(engine.run(single, null)));
        checkMemory(singles.getFirst(), alone.getFirst());
        Set<Integer> numbers = new LinkedHashSet<>();
        for (int n : NUMBERS) {
            numbers.add(Math.min(n, options.maxRows()));
        }
        numbers.add(options.maxRows());
        RowGroup group = groups.apply(singles.getFirst());
        JoinMemory memory = new JoinMemory();
        for (int n : numbers) {
            List<Map<String, Tensor>> calls = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                calls.add(singles.get(i % singles.size()));
            }
            Outputs together = engine.run(rows.join(calls, memory), null);
            checkRowCounts(together, n);
            for (int i = 0; i < n; i++) {
                compare(rows.part(together, i, i + 1, calls.get(i)), alone.get(i % singles.size()), n);
            }
            group.prove(n);
        }
    }

    private static void checkRowCounts(Outputs together, int n) {
        together.forEach((name, value) -> {
            long found = Rows.count(value);
            if (found != n) {
                throw new NotBatchableException(
                        "output '" + name + "'",
                        value.type() + (value instanceof TensorSequence ? " of " + found : "") + " for " + n + " rows",
                        "a row for each row of the inputs",
                        "use BatchOptions.maxRows(1)");
            }
        });
    }

    private void compare(Outputs part, Outputs single, int n) {
        for (String name : single.keySet()) {
            double distance = RowComparison.distance(part.get(name), single.get(name));
            double bound = options.isWithinNumerics() ? bound(single.get(name)) : 0;
            if (distance > bound) {
                throw new NotBatchableException(
                        "output '" + name + "' of model '" + model.name() + "'",
                        "a row that runs with " + (n - 1) + " others differs by " + distance
                                + " from the same row alone",
                        options.isWithinNumerics() ? "at most " + bound : "no difference",
                        options.isWithinNumerics()
                                ? "use BatchOptions.maxRows(1), since the rows depend on each other"
                                : "use BatchOptions.withinNumerics if this is rounding, else BatchOptions.maxRows(1)");
            }
        }
    }

    /** The sum of the errors that the operators state, relative to the largest element. */
    private double bound(Datum output) {
        double epsilon = 0;
        for (Tensor t : RowComparison.tensors(output)) {
            epsilon = Math.max(epsilon, t.dtype().isFloating() ? t.dtype().epsilon() : 0);
        }
        return epsilon == 0 ? 0 : errors(model.graph()) * epsilon * RowComparison.magnitude(output);
    }

    private static double errors(Graph graph) {
        double sum = 0;
        for (Node node : graph.nodes()) {
            sum += node.op().numerics().ulps() + node.op().numerics().terms();
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    sum += errors(body);
                }
            }
        }
        return sum;
    }

    /** Calls with one row each: of the samples, or random. */
    private List<Map<String, Tensor>> singles() {
        return options.samples().isEmpty() ? randomSingles() : sampledSingles();
    }

    private List<Map<String, Tensor>> sampledSingles() {
        List<Map<String, Tensor>> singles = new ArrayList<>();
        for (Map<String, Datum> sample : options.samples()) {
            engine.check(sample);
            int count = rows.count(sample);
            if (count < 1) {
                throw new InvalidOptionException(
                        "BatchOptions.samples",
                        "a sample whose inputs do not have the same number of rows",
                        "all required inputs of the model, with a row or more",
                        null);
            }
            for (int i = 0; i < count && singles.size() < SINGLES; i++) {
                Map<String, Tensor> row = rows.slice(sample, i, i + 1);
                // Without padding, only rows of one shape can be compared.
                if (singles.isEmpty() || rows.shape(singles.getFirst()).equals(rows.shape(row))) {
                    singles.add(row);
                }
            }
        }
        return singles;
    }

    private List<Map<String, Tensor>> randomSingles() {
        TenonException refused = null;
        for (long size : SIZES) {
            List<Map<String, Tensor>> singles = random(size);
            try {
                engine.run(singles.getFirst(), null);
                return singles;
            } catch (InterruptedPredictionException e) {
                throw e;
            } catch (TenonException e) {
                // A limit of the process tells nothing about the inputs; it is the one to raise.
                refused = refused instanceof ResourceLimitException ? refused : e;
            }
        }
        if (refused instanceof ResourceLimitException) {
            throw refused;
        }
        throw new NotBatchableException(
                "model '" + model.name() + "'",
                "it takes no random inputs: " + refused.getMessage(),
                null,
                "give real ones with BatchOptions.samples");
    }

    private List<Map<String, Tensor>> random(long size) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Map<String, Tensor>> singles = new ArrayList<>();
        for (int i = 0; i < SINGLES; i++) {
            Map<String, Tensor> single = new LinkedHashMap<>();
            for (ValueInfo input : model.inputs()) {
                single.put(input.name(), random((TensorType) input.type(), size, random));
            }
            singles.add(single);
        }
        return singles;
    }

    private static Tensor random(TensorType type, long size, SplittableRandom random) {
        long[] dims = new long[type.shape().rank()];
        for (int k = 0; k < dims.length; k++) {
            Dim dim = type.shape().dim(k);
            dims[k] = k == 0 ? 1 : dim.orElse(size);
        }
        Tensor t = Tensor.allocate(type.dtype(), dims);
        for (long i = 0; i < t.size(); i++) {
            if (type.dtype() == DType.STRING) {
                t.setString(i, random.nextBoolean() ? "a" : "b");
            } else if (type.dtype().isFloating()) {
                t.setDouble(i, random.nextGaussian());
            } else {
                t.setLong(i, random.nextInt(2));
            }
        }
        return t;
    }
}
