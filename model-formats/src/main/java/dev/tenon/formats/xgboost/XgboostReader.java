package dev.tenon.formats.xgboost;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.json.JsonReader;
import dev.tenon.formats.json.JsonStart;
import dev.tenon.formats.table.Column;
import dev.tenon.formats.table.Columns;
import dev.tenon.formats.trees.RowGraph;
import dev.tenon.formats.ubjson.UbjsonReader;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads models that XGBoost saved as JSON or UBJSON ({@code save_model} with a name that ends in {@code .json} or
 * {@code .ubj}). The graph takes float32 rows. {@link ModelSource#trees} says which trees are used.
 */
public final class XgboostReader implements ModelReader {
    private static final Set<String> FIRST_NAMES = Set.of("learner", "version");
    private static final int MOST_OUTPUTS = 1 << 16;
    private static final Column UNNAMED = Column.numeric("");

    /** The reader. */
    public XgboostReader() {}

    @Override
    public String format() {
        return "XGBoost (JSON, UBJSON)";
    }

    /** Looks at the first name of the object that a file is. */
    @Override
    public boolean accepts(MemorySegment head) {
        Optional<String> json = JsonStart.firstName(head);
        Optional<String> name = json.isPresent() ? json : binaryName(head);
        return name.isPresent() && FIRST_NAMES.contains(name.get());
    }

    /** The first name of a UBJSON object, whose length is written as XGBoost does: in 8 bytes. */
    private static Optional<String> binaryName(MemorySegment head) {
        int start = 2 + Long.BYTES;
        if (head.byteSize() < start
                || head.get(ValueLayout.JAVA_BYTE, 0) != '{'
                || head.get(ValueLayout.JAVA_BYTE, 1) != 'L') {
            return Optional.empty();
        }
        for (int i = 2; i < start - 1; i++) {
            if (head.get(ValueLayout.JAVA_BYTE, i) != 0) {
                return Optional.empty();
            }
        }
        int length = head.get(ValueLayout.JAVA_BYTE, start - 1) & 0xFF;
        StringBuilder name = new StringBuilder();
        for (long i = start; i < Math.min(head.byteSize(), start + length); i++) {
            name.append((char) (head.get(ValueLayout.JAVA_BYTE, i) & 0xFF));
        }
        return Optional.of(name.toString());
    }

    @Override
    public ModelFile read(ModelSource source) {
        boolean binary = source.bytes().read(segment -> binaryName(segment).isPresent());
        XgboostModel model = binary
                ? UbjsonReader.read(source.bytes(), source.limits(), XgboostModel::read)
                : JsonReader.read(source.bytes(), source.limits(), XgboostModel::read);
        return source.naming("save the model again", () -> model(source, model));
    }

    private static ModelFile model(ModelSource source, XgboostModel m) {
        String file = source.bytes().name();
        XgboostObjective objective = XgboostObjective.of(m.objective)
                .orElseThrow(() -> new UnsupportedModelException(
                        file,
                        "the objective '" + m.objective + "'",
                        XgboostObjective.names(),
                        "for an objective of your own, set one of these before saving, and apply your link to the output"
                                + " 'margin'"));
        check(file, m);
        XgboostIterations.select(source, m);
        float[] scores = m.baseScore;
        if (scores.length == 1) {
            scores = new float[m.outputs()];
            Arrays.fill(scores, m.baseScore[0]);
        }
        float[] base = objective.margins(scores);
        RowGraph graph = new RowGraph(source, new Columns(columns(m)), DType.FLOAT32);
        Value margins = m.booster.equals("gblinear")
                ? XgboostLinear.margins(graph, m.features, m.linearWeights, base)
                : new XgboostForest(source, m, base).margins(graph);
        return graph.model(margins, objective.link(), metadata(m));
    }

    private static void check(String file, XgboostModel m) {
        if (m.features < 1 || m.features > RowGraph.MOST_COLUMNS) {
            throw malformed(file, m.features + " features", "1 to " + RowGraph.MOST_COLUMNS);
        }
        int outputs = m.outputs();
        if (outputs > MOST_OUTPUTS) {
            throw malformed(file, outputs + " outputs", "at most " + MOST_OUTPUTS);
        }
        if (m.classes > 1 && m.targets > 1) {
            throw malformed(file, m.classes + " classes and " + m.targets + " targets", "one of them at most 1");
        }
        if (m.baseScore.length != 1 && m.baseScore.length != outputs) {
            throw malformed(file, m.baseScore.length + " base scores", "1, or " + outputs + ", one for each output");
        }
        switch (m.booster) {
            case "gbtree", "dart" -> checkTrees(file, m);
            case "gblinear" -> {
                int found = m.linearWeights == null ? 0 : m.linearWeights.length;
                if (found != (m.features + 1L) * outputs) {
                    throw malformed(
                            file, found + " weights", (m.features + 1L) * outputs + ", for " + outputs + " outputs");
                }
            }
            default ->
                throw new UnsupportedModelException(
                        file, "the booster '" + m.booster + "'", "gbtree, dart, gblinear", "train with one of these");
        }
    }

    private static void checkTrees(String file, XgboostModel m) {
        int trees = m.trees.size();
        if (m.treeTargets.length != trees) {
            throw malformed(file, m.treeTargets.length + " elements of 'tree_info'", trees + ", one for each tree");
        }
        if (m.treeWeights.length != 0 && m.treeWeights.length != trees) {
            throw malformed(file, m.treeWeights.length + " elements of 'weight_drop'", trees + ", one for each tree");
        }
    }

    private static List<Column> columns(XgboostModel m) {
        boolean named = m.featureNames.size() == m.features;
        boolean typed = m.featureTypes.size() == m.features;
        boolean[] categorical = new boolean[m.features];
        for (XgboostTree tree : m.trees) {
            for (int i = 0; tree.hasCategories() && i < tree.left.length; i++) {
                if (tree.isCategorical(i) && tree.features[i] >= 0 && tree.features[i] < m.features) {
                    categorical[tree.features[i]] = true;
                }
            }
        }
        List<Column> columns = new ArrayList<>();
        for (int f = 0; f < m.features; f++) {
            String name = named ? m.featureNames.get(f) : "";
            boolean isCategorical =
                    categorical[f] || typed && m.featureTypes.get(f).equals("c");
            List<String> texts = isCategorical && f < m.categories.size() ? m.categories.get(f) : List.of();
            columns.add(
                    isCategorical ? Column.categorical(name, texts) : name.isEmpty() ? UNNAMED : Column.numeric(name));
        }
        return columns;
    }

    private static ModelMetadata metadata(XgboostModel m) {
        return new ModelMetadata("XGBoost", m.version.toString(), "", 0, m.objective, Map.of(), m.attributes);
    }

    private static MalformedModelException malformed(String file, String found, String allowed) {
        return new MalformedModelException(file, found, allowed, "save the model again");
    }
}
