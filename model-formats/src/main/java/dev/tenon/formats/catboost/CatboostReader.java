package dev.tenon.formats.catboost;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.catboost.CatboostModel.CategoricalFeature;
import dev.tenon.formats.catboost.CatboostModel.Feature;
import dev.tenon.formats.json.JsonReader;
import dev.tenon.formats.json.JsonStart;
import dev.tenon.formats.table.Column;
import dev.tenon.formats.table.Columns;
import dev.tenon.formats.trees.Link;
import dev.tenon.formats.trees.Link.Kind;
import dev.tenon.formats.trees.RowGraph;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads models that CatBoost saved as JSON or in its binary format ({@code cbm}). The graph takes float32 rows. Its margins are CatBoost's raw formula values; its
 * predictions are probabilities or exponents where the loss has them.
 *
 * <p>Numbers of JSON are rounded correctly. So margins have the bits of the model that CatBoost saved. CatBoost's own reader
 * of JSON may be a unit in the last place off for each number of more than 15 digits.
 */
public final class CatboostReader implements ModelReader {
    private static final Set<String> FIRST_NAMES =
            Set.of("features_info", "model_info", "oblivious_trees", "scale_and_bias", "trees", "ctr_data");

    private static final byte[] BINARY = {'C', 'B', 'M', '1'};
    private static final int MOST_OUTPUTS = 1 << 16;

    private static final Map<String, Link> LINKS = Map.of(
            "Logloss", Link.of(Kind.LOGISTIC),
            "CrossEntropy", Link.of(Kind.LOGISTIC),
            "MultiClass", Link.of(Kind.SOFTMAX),
            "MultiClassOneVsAll", Link.of(Kind.LOGISTIC),
            "MultiLogloss", Link.of(Kind.LOGISTIC),
            "MultiCrossEntropy", Link.of(Kind.LOGISTIC),
            "Poisson", Link.of(Kind.EXP),
            "Tweedie", Link.of(Kind.EXP),
            "LogLinQuantile", Link.of(Kind.EXP));

    /** The reader. */
    public CatboostReader() {}

    @Override
    public String format() {
        return "CatBoost (JSON, cbm)";
    }

    /** Looks at the first name of the object that a file is, or for the first bytes of the binary format. */
    @Override
    public boolean accepts(MemorySegment head) {
        return isBinary(head)
                || JsonStart.firstName(head).filter(FIRST_NAMES::contains).isPresent();
    }

    private static boolean isBinary(MemorySegment head) {
        for (int i = 0; i < BINARY.length; i++) {
            if (i >= head.byteSize() || head.get(ValueLayout.JAVA_BYTE, i) != BINARY[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public ModelFile read(ModelSource source) {
        CatboostModel model = source.bytes().read(CatboostReader::isBinary)
                ? CatboostBinary.read(source.bytes(), source.limits())
                : JsonReader.read(source.bytes(), source.limits(), CatboostModel::read);
        return source.naming("save the model again", () -> model(source, model));
    }

    private static ModelFile model(ModelSource source, CatboostModel m) {
        String file = source.bytes().name();
        int outputs = outputs(m);
        if (outputs > MOST_OUTPUTS) {
            throw malformed(file, outputs + " outputs", "at most " + MOST_OUTPUTS);
        }
        double[] bias = m.bias;
        if (bias.length == 0) {
            bias = new double[outputs];
        } else if (bias.length != outputs) {
            throw malformed(file, bias.length + " biases", outputs + ", one for each output");
        }
        RowGraph graph = new RowGraph(source, new Columns(columns(file, m)), DType.FLOAT32);
        Value rows = graph.add(new Cast(DType.FLOAT64), graph.rows());
        Value sums = graph.trees(new CatboostForest(source, m, outputs).all(), outputs, DType.FLOAT64, rows);
        Value margins = sums;
        if (m.scale != 1) {
            margins = graph.add(new Mul(), margins, graph.number(margins, m.scale));
        }
        if (Arrays.stream(bias).anyMatch(b -> b != 0)) {
            margins = graph.add(new Add(), margins, graph.constant(Tensor.of(bias, outputs)));
        }
        Link link = LINKS.getOrDefault(m.loss, Link.IDENTITY);
        return graph.model(margins, link, new ModelMetadata("CatBoost", m.version, "", 0, m.loss, Map.of(), Map.of()));
    }

    private static int outputs(CatboostModel m) {
        if (!m.oblivious.isEmpty()) {
            CatboostModel.Oblivious first = m.oblivious.getFirst();
            return first.weights().length >> first.splits().size();
        }
        if (!m.trees.isEmpty()) {
            CatboostModel.Node node = m.trees.getFirst();
            while (node.split() != null) {
                node = node.left();
            }
            return node.weights().length;
        }
        return Math.max(1, m.bias.length);
    }

    private static List<Column> columns(String file, CatboostModel m) {
        int count = 0;
        for (Feature f : m.features()) {
            count = Math.max(count, f.column() + 1);
        }
        for (CategoricalFeature f : m.categoricalFeatures()) {
            count = Math.max(count, f.column() + 1);
        }
        if (count < 1 || count > RowGraph.MOST_COLUMNS) {
            throw malformed(file, count + " columns", "1 to " + RowGraph.MOST_COLUMNS);
        }
        List<Column> columns = new ArrayList<>(Collections.nCopies(count, Column.numeric("")));
        for (Feature f : m.features()) {
            columns.set(f.column(), Column.numeric(f.name()));
        }
        for (CategoricalFeature f : m.categoricalFeatures()) {
            columns.set(
                    f.column(),
                    f.texts().isEmpty()
                            ? Column.hashed(f.name(), f.hashes())
                            : Column.categorical(f.name(), f.texts()));
        }
        return columns;
    }

    private static MalformedModelException malformed(String file, String found, String allowed) {
        return new MalformedModelException(file, found, allowed, "save the model again");
    }
}
