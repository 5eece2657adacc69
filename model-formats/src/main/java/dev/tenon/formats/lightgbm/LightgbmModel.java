package dev.tenon.formats.lightgbm;

import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.DataReader.Kind;
import dev.tenon.formats.json.JsonReader;
import dev.tenon.formats.trees.RowGraph;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The content of a file. */
final class LightgbmModel {
    private static final Set<String> VERSIONS = Set.of("v3", "v4");
    private static final String PANDAS = "pandas_categorical:";
    private static final int MOST_OUTPUTS = 1 << 16;

    private final String file;
    private final Limits limits;
    String version = "";
    int outputs = 1;
    int columns;
    String objective = "";
    boolean average;
    List<String> names = List.of();
    List<String> infos = List.of();
    final List<LightgbmTree> trees = new ArrayList<>();

    /** The texts of the categories of the columns that pandas had as categories, in the order of the columns. */
    final List<List<String>> pandas = new ArrayList<>();

    private LightgbmModel(String file, Limits limits) {
        this.file = file;
        this.limits = limits;
    }

    static LightgbmModel read(String file, MemorySegment bytes, Limits limits) {
        LightgbmModel m = new LightgbmModel(file, limits);
        TextLines in = new TextLines(file, bytes, limits);
        boolean trees = m.readHeader(in);
        m.checkHeader(in);
        boolean ended = !trees;
        while (trees && !ended) {
            if (m.trees.size() >= limits.maxRecords()) {
                throw in.malformed("more than " + m.trees.size() + " trees", "at most Limits.maxRecords");
            }
            m.trees.add(LightgbmTree.read(in, m.columns));
            ended = m.skipToTree(in);
        }
        if (m.trees.size() % m.outputs != 0) {
            throw in.malformed(m.trees.size() + " trees", "a multiple of " + m.outputs + ", one for each output");
        }
        m.readTail(in);
        return m;
    }

    /** Reads the lines before the first tree. True if there is one. */
    private boolean readHeader(TextLines in) {
        if (!in.next() || !in.text().equals("tree")) {
            throw in.malformed("another first line", "tree");
        }
        boolean classes = false;
        while (in.next()) {
            switch (in.key()) {
                case "version" -> version = in.value();
                case "num_class" -> {
                    outputs = classes ? outputs : in.integer(MOST_OUTPUTS);
                }
                case "num_tree_per_iteration" -> {
                    classes = true;
                    outputs = in.integer(MOST_OUTPUTS);
                }
                case "max_feature_idx" -> columns = in.integer(RowGraph.MOST_COLUMNS - 1) + 1;
                case "objective" -> objective = in.value();
                case "average_output" -> average = true;
                case "feature_names" -> names = words(in);
                case "feature_infos" -> infos = words(in);
                case "Tree" -> {
                    return true;
                }
                case "end of trees" -> {
                    return false;
                }
                default -> {}
            }
        }
        throw in.malformed("the end of the file", "a line 'end of trees'");
    }

    private List<String> words(TextLines in) {
        String value = in.value();
        long count = value.chars().filter(c -> c == ' ').count() + 1;
        if (count > limits.maxRecords()) {
            throw in.malformed(count + " names", "at most Limits.maxRecords");
        }
        return List.of(value.split(" ", -1));
    }

    private void checkHeader(TextLines in) {
        if (!VERSIONS.contains(version)) {
            throw new UnsupportedModelException(
                    file,
                    "version " + DataReader.shown(version),
                    "v3, v4",
                    "load the model with LightGBM 4, and save it again");
        }
        if (columns == 0 || names.size() != columns) {
            throw in.malformed(names.size() + " names of features", columns + ", as max_feature_idx says");
        }
        if (!infos.isEmpty() && infos.size() != columns) {
            throw in.malformed(infos.size() + " elements of 'feature_infos'", columns + "");
        }
        if (outputs < 1) {
            throw in.malformed(outputs + " outputs", "1 to " + MOST_OUTPUTS);
        }
    }

    /** Goes to the next tree. True if the trees have ended. */
    private boolean skipToTree(TextLines in) {
        while (in.next()) {
            if (in.isEmpty()) {
                continue;
            }
            if (in.key().equals("Tree")) {
                return false;
            }
            if (in.text().equals("end of trees")) {
                return true;
            }
            throw in.malformed("the line " + DataReader.shown(in.key()), "a tree or 'end of trees'");
        }
        throw in.malformed("the end of the file", "a line 'end of trees'");
    }

    /** Looks for the categories among the lines that follow the trees. */
    private void readTail(TextLines in) {
        while (in.next()) {
            if (!in.isEmpty() && in.key().startsWith(PANDAS)) {
                byte[] json = in.text().substring(PANDAS.length()).getBytes(StandardCharsets.UTF_8);
                JsonReader.read(
                        ModelBytes.of(file + ", pandas_categorical", MemorySegment.ofArray(json)), limits, data -> {
                            readPandas(data);
                            return null;
                        });
            }
        }
    }

    private void readPandas(DataReader in) {
        if (in.kind() == Kind.NULL) {
            return;
        }
        in.beginArray();
        while (in.nextElement()) {
            List<String> texts = new ArrayList<>();
            in.beginArray();
            while (in.nextElement()) {
                texts.add(in.scalar());
            }
            pandas.add(texts);
        }
    }
}
