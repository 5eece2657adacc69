package dev.tenon.formats.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.TreeSelection;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** XGBoost's attribute {@code best_iteration}. The file has three trees, each an iteration; the second is the best. */
class BestIterationTest {
    private static final String FILE = TreeFiles.XGBOOST;

    private static final class Heard extends Handler {
        private final List<String> messages = new ArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            messages.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {
            // Nothing is kept back.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private static List<String> logged(Runnable task) {
        Logger log = Logger.getLogger("dev.tenon");
        Heard heard = new Heard();
        log.addHandler(heard);
        log.setUseParentHandlers(false);
        try {
            task.run();
        } finally {
            log.setUseParentHandlers(true);
            log.removeHandler(heard);
        }
        return heard.messages;
    }

    private static float margin(ModelFile model) {
        return TreeFiles.run(model, 0f, 1f).getLast().getFloat(0);
    }

    private static float best(String file) {
        return margin(TreeFiles.read(file, TreeSelection.BEST_ITERATION));
    }

    @Test
    void allTreesOrThoseUpToTheBestIteration() {
        assertThat(margin(TreeFiles.read(FILE))).isEqualTo(2 + 0.25f + 0.5f);
        assertThat(margin(TreeFiles.read(FILE, TreeSelection.ALL))).isEqualTo(2 + 0.25f + 0.5f);
        assertThat(best(FILE)).isEqualTo(2 + 0.25f);
        assertThat(best(FILE.replace("\"best_iteration\":\"1\"", "\"best_iteration\":\"0\"")))
                .isEqualTo(2);
        assertThat(best(FILE.replace("best_iteration", "other"))).isEqualTo(2 + 0.25f + 0.5f);
    }

    /** Iterations of files of version 2 and later are listed, others have a tree for each output and each tree of a forest. */
    @ParameterizedTest
    @CsvSource({
        "'\"num_parallel_tree\":\"1\"', '\"num_parallel_tree\":\"3\"', 0, 2.75",
        "'\"tree_info\"', '\"iteration_indptr\":[0,2,3],\"tree_info\"', 0, 2.25",
        "'\"tree_info\"', '\"iteration_indptr\":[0,2,3],\"tree_info\"', 1, 2.75"
    })
    void iterationsHaveSeveralTrees(String from, String to, int best, float margin) {
        String file = FILE.replace(from, to).replace("\"best_iteration\":\"1\"", "\"best_iteration\":\"" + best + "\"");
        assertThat(best(file)).isEqualTo(margin);
    }

    @Test
    void anIterationHasATreeForEachClass() {
        String file = TreeFiles.xgboost("0", "multi:softprob")
                .replace("\"num_class\":\"0\"", "\"num_class\":\"3\"")
                .replace("\"tree_info\":[0,0,0]", "\"tree_info\":[0,1,2]")
                .replace("\"best_iteration\":\"1\"", "\"best_iteration\":\"0\"");
        assertThat(TreeFiles.run(TreeFiles.read(file, TreeSelection.BEST_ITERATION), 0f, 1f)
                        .getLast()
                        .toFloatArray())
                .containsExactly(2, 0.25f, 0.5f);
    }

    @Test
    void oneWarningWhereNothingWasSaid() {
        assertThat(logged(() -> TreeFiles.read(FILE)))
                .singleElement()
                .asString()
                .startsWith("WARNING model:")
                .contains("'best_iteration' '1'", "TreeSelection.BEST_ITERATION", "TreeSelection.ALL");
        assertThat(logged(() -> TreeFiles.read(FILE, TreeSelection.ALL))).isEmpty();
        assertThat(logged(() -> TreeFiles.read(FILE, TreeSelection.BEST_ITERATION)))
                .isEmpty();
        assertThat(logged(() -> TreeFiles.read(FILE.replace("best_iteration", "other"))))
                .isEmpty();
    }

    /** The last iteration is the best one, so that both selections take the same trees. */
    @Test
    void noWarningWhereItMakesNoDifference() {
        String last = FILE.replace("\"best_iteration\":\"1\"", "\"best_iteration\":\"2\"");
        assertThat(logged(() -> assertThat(margin(TreeFiles.read(last))).isEqualTo(2.75f)))
                .isEmpty();
    }

    /** They have no iterations, and XGBoost's estimators pass no range. */
    @Test
    void linearBoostersTakeAllWeights() {
        String file = """
            {"learner":{"attributes":{"best_iteration":"7"},"gradient_booster":{"model":{"weights":[2,0.5]},"name":"gblinear"},
            "learner_model_param":{"base_score":"0","num_class":"0","num_feature":"1"},
            "objective":{"name":"reg:squarederror"}},"version":[3,0,0]}
            """;
        assertThat(logged(() -> TreeFiles.read(file))).isEmpty();
        ModelFile model = TreeFiles.read(file, TreeSelection.BEST_ITERATION);
        assertThat(TreeFiles.run(model, 3f).getFirst().getFloat(0)).isEqualTo(6.5f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "-1", "x", "", "99999999999999999999", "4294967296"})
    void wrongIterationsAreRefusedIfTheyAreWanted(String best) {
        String file = FILE.replace("\"best_iteration\":\"1\"", "\"best_iteration\":\"" + best + "\"");
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> best(file))
                .withMessageContaining("'best_iteration' '" + best + "'")
                .withMessageContaining("0 to 2");
        assertThat(margin(TreeFiles.read(file, TreeSelection.ALL))).isEqualTo(2.75f);
        assertThat(logged(() -> assertThat(margin(TreeFiles.read(file))).isEqualTo(2.75f)))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[0,1,9]", "[0,1,-1]"})
    void wrongListsOfIterationsAreRefused(String list) {
        String file = FILE.replace("\"tree_info\"", "\"iteration_indptr\":" + list + ",\"tree_info\"");
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> best(file))
                .withMessageContaining("iteration_indptr");
    }
}
