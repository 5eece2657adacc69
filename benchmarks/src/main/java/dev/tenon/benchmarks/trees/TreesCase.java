package dev.tenon.benchmarks.trees;

import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import java.util.List;
import java.util.Map;

/**
 * Calls of a forest. Each call takes the next rows of a table, since one row again and again would flatter the branches of a
 * processor.
 *
 * @param forest the forest
 * @param rows the rows of a call
 * @param threads the threads of a call
 */
public record TreesCase(TrainedForest forest, int rows, int threads) implements BenchmarkCase {
    public static TreesCase of(String forest, int rows, int threads) {
        if (rows < 1 || rows > TrainedForest.ROWS || threads < 1) {
            throw new IllegalArgumentException(rows + " rows and " + threads + " threads: not 1 to "
                    + TrainedForest.ROWS + " rows, 1 or more threads");
        }
        return new TreesCase(TrainedForest.of(forest), rows, threads);
    }

    @Override
    public String model() {
        return forest.name();
    }

    @Override
    public String sizes() {
        return rows + (rows == 1 ? " row" : " rows");
    }

    @Override
    public String shapes() {
        return rows + "x" + TrainedForest.COLUMNS;
    }

    /** Trees have no arithmetic but the sums. */
    @Override
    public double flops() {
        return (double) rows * forest.trees();
    }

    @Override
    public double leastCosine() {
        return 0.99999;
    }

    @Override
    public List<String> engines() {
        String tool = forest.isLightgbm() ? Engines.LIGHTGBM : Engines.XGBOOST;
        // A call of JPMML is one row on one thread.
        return threads > 1
                ? List.of(Engines.TENON, Engines.ONNXRUNTIME, tool)
                : List.of(Engines.TENON, Engines.ONNXRUNTIME, tool, Engines.JPMML);
    }

    /** Leaves out calls of several threads that have fewer rows than others: only large calls are shared. */
    public static List<Map<String, String>> listed(List<Map<String, String>> all) {
        int most = all.stream().mapToInt(TreesCase::rows).max().orElse(0);
        return all.stream()
                .filter(c -> c.get("threads").equals("1") || rows(c) == most)
                .toList();
    }

    private static int rows(Map<String, String> parameters) {
        return Integer.parseInt(parameters.get("rows"));
    }

    @Override
    public PreparedRun prepare(String engine) {
        if (!engines().contains(engine)) {
            throw Engines.unknown(engine, engines());
        }
        CycledRows table = new CycledRows(forest.table(), TrainedForest.COLUMNS, rows);
        return switch (engine) {
            case Engines.TENON -> new TenonTrees(forest.file(), table, threads);
            case Engines.ONNXRUNTIME -> new OnnxRuntimeTrees(forest.file(), table, threads);
            case Engines.JPMML -> new JpmmlRun(forest.file(), table);
            case Engines.XGBOOST -> new XgboostRun(forest.file(), table, threads);
            default -> new LightgbmRun(forest.file(), table, threads);
        };
    }
}
