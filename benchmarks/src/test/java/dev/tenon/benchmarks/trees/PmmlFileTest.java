package dev.tenon.benchmarks.trees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** A PMML file means the trees of the model, by a plain reading of PMML. */
class PmmlFileTest {
    private static final int ROWS = 200;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"xgb-5x3", "lgb-5x7"})
    void sumsAreTheMargins(String name) throws Exception {
        TrainedForest forest = TrainedForest.of(name);
        Model model = Model.load(forest.file());
        Path file = folder.resolve("trees.pmml");
        PmmlFile.write(model, TrainedForest.COLUMNS, file);
        DocumentBuilderFactory parsers = DocumentBuilderFactory.newDefaultNSInstance();
        Document document = parsers.newDocumentBuilder().parse(file.toFile());
        NodeList trees = document.getElementsByTagName("TreeModel");
        assertThat(trees.getLength()).isEqualTo(forest.trees());
        NodeList targets = document.getElementsByTagName("Target");
        double base = targets.getLength() == 0
                ? 0
                : Double.parseDouble(((Element) targets.item(0)).getAttribute("rescaleConstant"));

        float[] table = forest.table();
        Tensor x =
                Tensor.allocate(((TensorType) model.inputs().getFirst().type()).dtype(), ROWS, TrainedForest.COLUMNS);
        for (int i = 0; i < x.size(); i++) {
            x.setDouble(i, table[i]);
        }
        Tensor margins = model.predict(Map.of("features", x)).tensor("margin");
        double error = margins.dtype() == DType.FLOAT32 ? Math.ulp(8f) : Math.ulp(8.0);
        for (int r = 0; r < ROWS; r++) {
            double sum = base;
            for (int t = 0; t < trees.getLength(); t++) {
                sum += score(child((Element) trees.item(t), "Node"), table, r * TrainedForest.COLUMNS);
            }
            assertThat(Math.abs(sum - margins.getDouble(r))).as("row %d", r).isLessThanOrEqualTo(error);
        }
    }

    private static double score(Element node, float[] table, int row) {
        if (!node.hasAttribute("defaultChild")) {
            return Double.parseDouble(node.getAttribute("score"));
        }
        for (org.w3c.dom.Node n = node.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element e && e.getTagName().equals("Node")) {
                Element predicate = child(e, "SimplePredicate");
                float x = table[
                        row + Integer.parseInt(predicate.getAttribute("field").substring(1))];
                boolean taken = Float.isNaN(x)
                        ? e.getAttribute("id").equals(node.getAttribute("defaultChild"))
                        : holds(predicate.getAttribute("operator"), x, predicate.getAttribute("value"));
                if (taken) {
                    return score(e, table, row);
                }
            }
        }
        throw new AssertionError("no child of node " + node.getAttribute("id"));
    }

    private static boolean holds(String operator, double x, String value) {
        double t = Double.parseDouble(value);
        return switch (operator) {
            case "lessThan" -> x < (float) t;
            case "greaterOrEqual" -> x >= (float) t;
            case "lessOrEqual" -> x <= t;
            case "greaterThan" -> x > t;
            default -> throw new AssertionError(operator);
        };
    }

    private static Element child(Element parent, String name) {
        for (org.w3c.dom.Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element e && e.getTagName().equals(name)) {
                return e;
            }
        }
        throw new AssertionError("no " + name);
    }
}
