package dev.tenon.benchmarks.trees;

import dev.tenon.Model;
import dev.tenon.graph.Node;
import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.op.tabular.model.NodeMode;
import dev.tenon.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes the trees of a model as PMML 4.4: a sum of tree models over the features {@code x0}, {@code x1} and so on, whose target
 * {@code y} is the margin. Trees test numbers and have one target.
 */
final class PmmlFile {
    private final Writer out;
    private final Forest forest;
    private final double base;
    private final String type;
    private int nodes;

    private PmmlFile(Writer out, Forest forest, double base) {
        this.out = out;
        this.forest = forest;
        this.base = base;
        this.type = forest.type() == DType.FLOAT32 ? "float" : "double";
    }

    /**
     * Writes a file.
     *
     * @param model a model with one ensemble of trees
     * @param columns the number of features
     * @param to the file
     */
    static void write(Model model, int columns, Path to) {
        try (Writer out = Files.newBufferedWriter(to)) {
            file(model, out).document(columns);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PmmlFile file(Model model, Writer out) {
        for (Node node : model.graph().nodes()) {
            if (node.op() instanceof TreeEnsembleRegressor r && r.aggregate() == Aggregate.SUM) {
                double base = r.base().isEmpty() ? 0 : r.base().getFirst();
                return new PmmlFile(out, r.forest(), base);
            }
            if (node.op() instanceof TreeEnsemble t && t.aggregate() == Aggregate.SUM) {
                return new PmmlFile(out, t.forest(), 0);
            }
        }
        throw new IllegalArgumentException("no ensemble of trees in " + model);
    }

    private void document(int columns) throws IOException {
        out.write("<PMML xmlns=\"http://www.dmg.org/PMML-4_4\" version=\"4.4\">\n<Header/>\n<DataDictionary>\n");
        out.write("<DataField name=\"y\" optype=\"continuous\" dataType=\"double\"/>\n");
        for (int c = 0; c < columns; c++) {
            out.write("<DataField name=\"x" + c + "\" optype=\"continuous\" dataType=\"" + type + "\"/>\n");
        }
        out.write("</DataDictionary>\n<MiningModel functionName=\"regression\">\n<MiningSchema>\n");
        out.write("<MiningField name=\"y\" usageType=\"target\"/>\n");
        for (int c = 0; c < columns; c++) {
            out.write("<MiningField name=\"x" + c + "\"/>\n");
        }
        out.write("</MiningSchema>\n");
        if (base != 0) {
            out.write("<Targets><Target field=\"y\" rescaleConstant=\"" + base + "\"/></Targets>\n");
        }
        out.write("<Segmentation multipleModelMethod=\"sum\">\n");
        for (int t = 0; t < forest.trees(); t++) {
            tree(t);
        }
        out.write("</Segmentation>\n</MiningModel>\n</PMML>\n");
    }

    private void tree(int tree) throws IOException {
        out.write("<Segment id=\"" + (tree + 1) + "\"><True/>\n<TreeModel functionName=\"regression\""
                + " missingValueStrategy=\"defaultChild\" noTrueChildStrategy=\"returnLastPrediction\""
                + " splitCharacteristic=\"binarySplit\">\n<MiningSchema>");
        Set<Integer> features = new TreeSet<>();
        collect(forest.root(tree), features);
        for (int f : features) {
            out.write("<MiningField name=\"x" + f + "\"/>");
        }
        out.write("</MiningSchema>\n");
        node(forest.root(tree), "<True/>");
        out.write("</TreeModel></Segment>\n");
    }

    private void collect(int node, Set<Integer> features) {
        if (node >= 0) {
            features.add(forest.feature(node));
            collect(forest.yes(node), features);
            collect(forest.no(node), features);
        }
    }

    /** Writes a node and those below it. Ids count up in the order of the file. */
    private void node(int node, String predicate) throws IOException {
        int id = ++nodes;
        if (node < 0) {
            out.write("<Node id=\"" + id + "\" score=\"" + weight(~node) + "\">" + predicate + "</Node>\n");
            return;
        }
        boolean missing = forest.missingTrue(node) || forest.mode(node) == NodeMode.BRANCH_NEQ;
        int other = id + 1 + (missing ? 0 : size(forest.yes(node)));
        out.write("<Node id=\"" + id + "\" defaultChild=\"" + other + "\">" + predicate + "\n");
        node(forest.yes(node), test(node, operator(forest.mode(node), true)));
        node(forest.no(node), test(node, operator(forest.mode(node), false)));
        out.write("</Node>\n");
    }

    private int size(int node) {
        return node < 0 ? 1 : 1 + size(forest.yes(node)) + size(forest.no(node));
    }

    private double weight(int leaf) {
        double sum = 0;
        for (int w = forest.leafStart(leaf); w < forest.leafStart(leaf + 1); w++) {
            if (forest.target(w) != 0) {
                throw new IllegalArgumentException("a weight for target " + forest.target(w) + "; PMML has one");
            }
            sum += forest.weight(w);
        }
        return sum;
    }

    private String test(int node, String operator) {
        String value = type.equals("float") ? Float.toString((float) forest.split(node)) : "" + forest.split(node);
        return "<SimplePredicate field=\"x" + forest.feature(node) + "\" operator=\"" + operator + "\" value=\"" + value
                + "\"/>";
    }

    private static String operator(NodeMode mode, boolean holds) {
        return switch (mode) {
            case BRANCH_LT -> holds ? "lessThan" : "greaterOrEqual";
            case BRANCH_GTE -> holds ? "greaterOrEqual" : "lessThan";
            case BRANCH_LEQ -> holds ? "lessOrEqual" : "greaterThan";
            case BRANCH_GT -> holds ? "greaterThan" : "lessOrEqual";
            case BRANCH_EQ -> holds ? "equal" : "notEqual";
            case BRANCH_NEQ -> holds ? "notEqual" : "equal";
            case BRANCH_MEMBER ->
                throw new IllegalArgumentException("a test for membership; PMML is written for numbers");
        };
    }
}
