package dev.tenon.formats.trees;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.table.Column;
import dev.tenon.formats.table.Columns;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.math.Ceil;
import dev.tenon.op.math.Floor;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.Where;
import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.op.tabular.model.NodeMode;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A graph of a model of table rows. It has one input, {@value #INPUT} of [N,F], and the outputs {@value #PREDICTION} of [N,K]
 * and, if a link makes predictions of margins, {@value #MARGIN} of [N,K].
 */
public final class RowGraph {
    /** The name of the input. */
    public static final String INPUT = "features";

    /** The name of the output for predictions. */
    public static final String PREDICTION = "prediction";

    /** The name of the output for the sums of the trees. */
    public static final String MARGIN = "margin";

    /** The most columns of a model. */
    public static final int MOST_COLUMNS = 1 << 20;

    private final ModelSource source;
    private final Columns columns;
    private final GraphBuilder g;
    private final Value rows;
    private long nodes;

    /**
     * A graph with its input.
     *
     * @param source the file
     * @param columns the columns of a row, in order
     * @param type the element type of rows
     */
    public RowGraph(ModelSource source, Columns columns, DType type) {
        this.source = source;
        this.columns = columns;
        this.g = new GraphBuilder(source.bytes().name());
        this.rows = g.input(INPUT, new TensorType(type, Shape.of(Dim.symbol("N"), Dim.of(columns.size()))));
    }

    /**
     * The input.
     *
     * @return the rows, [N,F]
     */
    public Value rows() {
        return rows;
    }

    /**
     * Adds a node.
     *
     * @param op its operator
     * @param operands its operands
     * @return its output
     */
    public Value add(Op op, Value... operands) {
        countNode();
        return g.add(op, operands);
    }

    /**
     * Adds a node with several outputs.
     *
     * @param op its operator
     * @param operands its operands
     * @param count the number of outputs
     * @return its outputs
     */
    public List<Value> addAll(Op op, List<Value> operands, int count) {
        countNode();
        String base = g.unique(op.schema().name());
        List<String> names =
                IntStream.range(0, count).mapToObj(i -> base + "_part" + i).toList();
        return g.add(op, "", operands, names);
    }

    private void countNode() {
        source.limits().checkNodes(source.bytes().name(), ++nodes);
    }

    /**
     * Adds a constant.
     *
     * @param tensor its value
     * @return the constant
     */
    public Value constant(Tensor tensor) {
        return g.constant(tensor);
    }

    /**
     * A number of the element type of a value.
     *
     * @param like the value
     * @param number the number
     * @return a constant of rank 0
     */
    public Value number(Value like, double number) {
        return g.constant(Tensor.convert(dtype(like), new double[] {number}));
    }

    DType dtype(Value value) {
        return ((TensorType) value.type()).dtype();
    }

    long columns(Value value) {
        return ((TensorType) value.type()).shape().dim(1).value();
    }

    /**
     * The rows with whole numbers in the columns of categories, as tools compute them before they look a category up.
     *
     * @param towardsZero whether -0.5 becomes 0 and not -1
     * @return the rows
     */
    public Value wholeCategories(boolean towardsZero) {
        int n = columns.size();
        boolean[] categorical = new boolean[n];
        boolean any = false;
        for (int i = 0; i < n; i++) {
            categorical[i] = columns.columns().get(i).isCategorical();
            any |= categorical[i];
        }
        if (!any) {
            return rows;
        }
        Value whole = add(new Floor(), rows);
        if (towardsZero) {
            whole = add(new Where(), add(new Less(), rows, number(rows, 0)), add(new Ceil(), rows), whole);
        }
        return add(new Where(), g.constant(Tensor.of(categorical, n)), whole, rows);
    }

    /**
     * A builder for trees that keeps to the limits of a file.
     *
     * @param source the file
     * @return a builder that takes {@link dev.tenon.formats.Limits#maxRecords} nodes, members of sets and, four for one, leaves
     *     and weights in all
     */
    public static ForestBuilder forest(ModelSource source) {
        long most = source.limits().maxRecords();
        return new ForestBuilder(most, () -> tooMany(source, most + " nodes, members and leaves of trees", most));
    }

    /**
     * A file that would take more memory than it may.
     *
     * @param source the file
     * @param found the things of which there are too many
     * @param most how many there may be
     * @return the exception to throw
     */
    public static ResourceLimitException tooMany(ModelSource source, String found, long most) {
        return new ResourceLimitException(
                source.bytes().name(),
                "more than " + found,
                most + ", as Limits.maxRecords says",
                "raise Limits.maxRecords if the source is trusted");
    }

    /**
     * Adds trees whose weights are summed, as an operator that every runtime of ONNX with ai.onnx.ml 5 has.
     *
     * @param trees the trees; their roots are nodes, and each leaf has one weight
     * @param targets the number of targets
     * @param type FLOAT32 or FLOAT64: the type of splits and weights, which is that of the rows
     * @param x the rows
     * @return the sums, [N,targets]
     */
    public Value trees(ForestBuilder trees, int targets, DType type, Value x) {
        return add(new TreeEnsemble(trees.build("trees", targets, type), Aggregate.SUM, PostTransform.NONE), x);
    }

    /**
     * Adds a tree that gives the same for every row.
     *
     * @param trees takes it
     * @param target the target
     * @param value the weight
     */
    public static void constantTree(ForestBuilder trees, int target, double value) {
        trees.tree(constantNode(trees, target, value));
    }

    /**
     * Adds a node that leads to the same weight on both sides. Its leaves are two, because ONNX Runtime computes a leaf that two
     * branches share wrongly in TreeEnsemble.
     *
     * @param trees takes it
     * @param target the target
     * @param value the weight
     * @return the node
     */
    public static int constantNode(ForestBuilder trees, int target, double value) {
        int node = trees.node(NodeMode.BRANCH_LEQ, 0, 0, false);
        trees.children(node, trees.leaf(target, value), trees.leaf(target, value));
        return node;
    }

    /**
     * Finishes the model.
     *
     * @param margin the margins
     * @param link makes predictions of them
     * @param metadata the metadata of the file, to which the columns are added
     * @return the model
     */
    public ModelFile model(Value margin, Link link, ModelMetadata metadata) {
        return model(margin, margin, link, metadata);
    }

    /**
     * Finishes the model.
     *
     * @param margin the margins to give out
     * @param linked the margins that the link makes predictions of
     * @param link makes the predictions
     * @param metadata the metadata of the file, to which the columns are added
     * @return the model
     */
    public ModelFile model(Value margin, Value linked, Link link, ModelMetadata metadata) {
        Value prediction = link.apply(this, linked);
        g.output(PREDICTION, prediction);
        if (prediction != margin) {
            g.output(MARGIN, margin);
        }
        Map<String, String> properties = new LinkedHashMap<>(metadata.properties());
        if (columnsAreKnown()) {
            properties.put(Columns.PROPERTY, columns.property());
        }
        return new ModelFile(
                g.build(),
                new ModelMetadata(
                        metadata.producer(),
                        metadata.producerVersion(),
                        metadata.domain(),
                        metadata.version(),
                        metadata.description(),
                        metadata.operatorSets(),
                        properties));
    }

    private boolean columnsAreKnown() {
        for (Column c : columns.columns()) {
            if (c.isCategorical() || !c.name().isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
