package dev.tenon.formats.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that ask for far more work or memory than they have bytes, and files that are long. */
class HostileTreesTest {
    private static final int MANY = 30_000;

    /** A long file of each format. */
    private enum LongFile {
        XGBOOST_JSON(n -> bytes(TreeFiles.xgboost("0.5", "binary:logistic")
                .replace("\"feature_types\"", "\"extra\":[" + repeated("1.5", ",", n) + "],\"feature_types\""))),
        XGBOOST_ARRAY(n -> bytes(TreeFiles.xgboost("0.5", "binary:logistic")
                .replace("\"split_conditions\":[0.5]", "\"split_conditions\":[" + repeated("0.5", ",", n) + "]"))),
        XGBOOST_SKIPPED(LongFile::skippedUbjson),
        LIGHTGBM_LINES(
                n -> bytes(TreeFiles.LIGHTGBM.replace("end of parameters", "x=1\n".repeat(n) + "end of parameters"))),
        LIGHTGBM_NUMBERS(
                n -> bytes(TreeFiles.LIGHTGBM.replace("leaf_value=0.5", "leaf_value=" + repeated("0.5", " ", n)))),
        CATBOOST(n -> bytes(TreeFiles.CATBOOST.replace(
                "\"scale_and_bias\"", "\"extra\":[" + repeated("{}", ",", n) + "],\"scale_and_bias\"")));

        private final Function<Integer, byte[]> file;

        LongFile(Function<Integer, byte[]> file) {
            this.file = file;
        }

        private static byte[] skippedUbjson(int n) {
            byte[] model = TreeFiles.ubjson();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeByte('{');
                out.writeByte('L');
                out.writeLong("version".length());
                out.writeBytes("version[");
                out.writeBytes("U\u0001".repeat(n));
                out.writeByte(']');
                out.write(model, 1, model.length - 1);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return bytes.toByteArray();
        }
    }

    private static String repeated(String word, String between, int count) {
        return String.join(between, Collections.nCopies(count, word));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Object read(byte[] file, long operations) {
        WorkLimits limits = new WorkLimits(Long.MAX_VALUE, operations, "time", "LoadOptions.maxOperations");
        return WorkBudget.started("loading", limits).run(() -> TreeFiles.read(file, Limits.standard()));
    }

    /** Reading counts for the budget of work, whatever a file is long by. */
    @ParameterizedTest
    @EnumSource
    void longFilesUseTheBudget(LongFile kind) {
        byte[] file = kind.file.apply(MANY);
        assertThatThrownBy(() -> read(file, MANY / 20))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("loading")
                .hasMessageContaining("LoadOptions.maxOperations");
    }

    @ParameterizedTest
    @EnumSource
    void longFilesHeedAnInterrupt(LongFile kind) {
        byte[] file = kind.file.apply(MANY);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> read(file, Long.MAX_VALUE)).isInstanceOf(InterruptedPredictionException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static String lightgbm(int nodes, String boundaries, String words, String threshold, int sets) {
        String tree = "Tree=0\nnum_leaves=" + (nodes + 1)
                + "\nnum_cat=" + sets
                + "\nsplit_feature=" + repeated("1", " ", nodes)
                + "\nthreshold=" + threshold
                + "\ndecision_type=" + repeated("1", " ", nodes)
                + "\nleft_child=" + chain(nodes)
                + "\nright_child=" + repeated("-1", " ", nodes)
                + "\nleaf_value=" + repeated("1", " ", nodes + 1)
                + "\ncat_boundaries=" + boundaries
                + "\ncat_threshold=" + words
                + "\nis_linear=0\n\n\n";
        return TreeFiles.LIGHTGBM.replaceFirst("(?s)Tree=0.*?\n\n\n", tree);
    }

    /** Each node's left child is the next node; that of the last one is a leaf. */
    private static String chain(int nodes) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < nodes; i++) {
            text.append(i).append(' ');
        }
        return text.append("-2").toString();
    }

    /** Sets that overlap, each as long as all words: their sum would be the square of the file's length. */
    @Test
    void setsThatOverlap() {
        StringBuilder boundaries = new StringBuilder();
        StringBuilder thresholds = new StringBuilder();
        for (int i = 0; i < MANY; i++) {
            boundaries.append("0 ").append(MANY).append(' ');
            thresholds.append(2 * i).append(' ');
        }
        String file = lightgbm(MANY, boundaries + "0", repeated("0", " ", MANY), thresholds.toString(), 2 * MANY);
        assertThatThrownBy(() -> TreeFiles.read(file))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("cat_boundaries");
    }

    /** Nodes that share one long set: it is checked once. */
    @Test
    void setsThatAreShared() {
        String file = lightgbm(MANY, "0 " + MANY, repeated("0", " ", MANY), repeated("0", " ", MANY), 1);
        assertThat(read(bytes(file), 40L * MANY)).isNotNull();
    }

    /** Leaves take memory too: here a vector of weights for each of thousands of leaves and outputs. */
    @Test
    void leavesAreCounted() {
        int inner = 10_000;
        int n = 2 * inner + 1;
        String base = TreeFiles.xgboost("0.5", "multi:softprob")
                .replace("\"num_class\":\"0\"", "\"num_class\":\"" + n + "\"");
        String left = IntStream.range(inner, 2 * inner).mapToObj(i -> i + ",").collect(Collectors.joining());
        String right = IntStream.range(1, inner).mapToObj(i -> i + ",").collect(Collectors.joining()) + 2 * inner + ",";
        String tree = "{\"default_left\":[" + repeated("0", ",", n) + "],\"left_children\":["
                + left + repeated("-1", ",", n - inner) + "],\"right_children\":["
                + right + repeated("0", ",", n - inner) + "],\"split_conditions\":[" + repeated("0", ",", n)
                + "],\"split_indices\":["
                + repeated("0", ",", n) + "],\"leaf_weights\":[" + repeated("0", ",", n)
                + "],\"tree_param\":{\"size_leaf_vector\":\"" + n + "\"}}";
        String file = base.replace("\"trees\":[", "\"trees\":[" + tree + ",")
                .replace("[0,0,0],\"trees\"", "[0,0,0,0],\"trees\"");
        assertThatThrownBy(() -> TreeFiles.read(bytes(file), Limits.standard().maxRecords(1_000_000)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("Limits.maxRecords");
    }

    /** A leaf with very many coefficients makes a graph of many nodes. */
    @Test
    void nodesOfTheGraphAreCounted() {
        int n = 3000;
        String file = TreeFiles.LINEAR
                .replace("num_features=2 0", "num_features=" + n + " 0")
                .replace("leaf_features=0 1", "leaf_features=" + repeated("0", " ", n))
                .replace("leaf_coeff=0.5 0.25", "leaf_coeff=" + repeated("1", " ", n));
        assertThatThrownBy(() -> TreeFiles.read(bytes(file), Limits.standard().maxNodes(1000)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("Limits.maxNodes");
        assertThat(TreeFiles.read(file)).isNotNull();
    }

    /** The place of an error names the path to it, but not all of a name of a megabyte. */
    @Test
    void longNamesInMessages() {
        String name = "n".repeat(1 << 20);
        String file = "{\"learner\":{\"attributes\":{\"" + name + "\":}}}";
        assertThatThrownBy(() -> TreeFiles.read(file))
                .isInstanceOfSatisfying(
                        TenonException.class,
                        e -> assertThat(e.getMessage().length()).isLessThan(2000));
        String wrong = "{\"learner\":{\"gradient_booster\":{\"" + name + "\":1,\"model\":{\"trees\":3}}}}";
        assertThatThrownBy(() -> TreeFiles.read(wrong))
                .isInstanceOfSatisfying(
                        TenonException.class,
                        e -> assertThat(e.getMessage().length()).isLessThan(2000));
    }
}
