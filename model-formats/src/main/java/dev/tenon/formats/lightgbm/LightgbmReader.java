package dev.tenon.formats.lightgbm;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.table.Column;
import dev.tenon.formats.table.Columns;
import dev.tenon.formats.trees.Link;
import dev.tenon.formats.trees.RowGraph;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Div;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads models that LightGBM saved as text ({@code save_model}). The graph takes float64 rows; all trees are used.
 */
public final class LightgbmReader implements ModelReader {
    private static final String FIRST_LINE = "tree";

    /** The reader. */
    public LightgbmReader() {}

    @Override
    public String format() {
        return "LightGBM (text)";
    }

    /** Looks at the first line. */
    @Override
    public boolean accepts(MemorySegment head) {
        int n = FIRST_LINE.length();
        for (int i = 0; i < n; i++) {
            if (i >= head.byteSize() || head.get(ValueLayout.JAVA_BYTE, i) != FIRST_LINE.charAt(i)) {
                return false;
            }
        }
        byte end = head.byteSize() > n ? head.get(ValueLayout.JAVA_BYTE, n) : 0;
        return end == '\n' || end == '\r';
    }

    @Override
    public ModelFile read(ModelSource source) {
        LightgbmModel model =
                source.bytes().read(segment -> LightgbmModel.read(source.bytes().name(), segment, source.limits()));
        return source.naming("save the model again", () -> model(source, model));
    }

    private static ModelFile model(ModelSource source, LightgbmModel m) {
        Link link = LightgbmObjective.link(source.bytes().name(), m.objective);
        RowGraph graph = new RowGraph(source, new Columns(columns(m)), DType.FLOAT64);
        boolean linear = m.trees.stream().anyMatch(t -> t.linear);
        Value margins = linear ? new LightgbmLinear(source, graph, m).margins() : margins(source, graph, m);
        int rounds = m.trees.size() / m.outputs;
        Value linked = m.average && rounds > 0 ? graph.add(new Div(), margins, graph.number(margins, rounds)) : margins;
        return graph.model(
                margins,
                linked,
                link,
                new ModelMetadata("LightGBM", m.version, "", 0, m.objective, Map.of(), Map.of()));
    }

    private static Value margins(ModelSource source, RowGraph graph, LightgbmModel m) {
        ForestBuilder trees = RowGraph.forest(source);
        LightgbmForest forest = new LightgbmForest(trees);
        for (int t = 0; t < m.trees.size(); t++) {
            LightgbmTree tree = m.trees.get(t);
            forest.add(tree, t % m.outputs, tree.leafValues);
        }
        if (trees.trees() == 0) {
            RowGraph.constantTree(trees, 0, 0);
        }
        return graph.trees(trees, m.outputs, DType.FLOAT64, graph.wholeCategories(true));
    }

    /** A file names categories if pandas did; then there are as many lists as columns with categories. */
    private static List<Column> columns(LightgbmModel m) {
        boolean[] categorical = new boolean[m.columns];
        for (LightgbmTree tree : m.trees) {
            for (int i = 0; i < tree.leaves - 1; i++) {
                categorical[(int) tree.features[i]] |= tree.isCategorical(i);
            }
        }
        int count = 0;
        for (int f = 0; f < m.columns; f++) {
            String info = m.infos.isEmpty() ? "none" : m.infos.get(f);
            categorical[f] |= !info.startsWith("[") && !info.equals("none");
            count += categorical[f] ? 1 : 0;
        }
        boolean named = count == m.pandas.size();
        int next = 0;
        List<Column> columns = new ArrayList<>();
        for (int f = 0; f < m.columns; f++) {
            String name = m.names.get(f);
            List<String> texts = named && categorical[f] ? m.pandas.get(next++) : List.of();
            columns.add(categorical[f] ? Column.categorical(name, texts) : Column.numeric(name));
        }
        return columns;
    }

    static MalformedModelException malformed(String file, String found, String allowed) {
        return new MalformedModelException(file, found, allowed, "save the model again");
    }
}
