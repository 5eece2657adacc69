package dev.tenon.benchmarks.engine;

import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * JPMML, the evaluator of PMML files for Java. It is under the AGPL, so nothing of this project depends on it: the script
 * {@code benchmarks/run} fetches it when {@code --jpmml} asks for it, and it is called by reflection from a class loader of its
 * own. Where it has not been fetched, JPMML is absent.
 */
public final class Jpmml {
    /** The system property that names the folder with its files. */
    static final String FOLDER = "tenon.jpmml";

    private static final String BUILDER = "org.jpmml.evaluator.LoadingModelEvaluatorBuilder";
    private static final String VISITORS = "org.jpmml.evaluator.visitors.ModelEvaluatorVisitorBattery";
    private static final String JAR = ".jar";

    private Jpmml() {}

    /** A model that JPMML has loaded. */
    public static final class Evaluator {
        private final MethodHandle evaluate;
        private final MethodHandle result;

        private Evaluator(MethodHandle evaluate, MethodHandle result) {
            this.evaluate = evaluate;
            this.result = result;
        }

        /**
         * Evaluates a row.
         *
         * @param row the values by the names of the fields, null for missing ones
         * @param target the name of a target that is a number
         * @return its value
         */
        public double evaluate(Map<String, Object> row, String target) {
            try {
                Object value = ((Map<?, ?>) evaluate.invokeExact((Map<?, ?>) row)).get(target);
                Object number = value instanceof Number ? value : (Object) result.invokeExact(value);
                return ((Number) number).doubleValue();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static List<Path> jars() {
        String folder = System.getProperty(FOLDER, "");
        if (folder.isEmpty() || !Files.isDirectory(Path.of(folder))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            return files.filter(f -> f.toString().endsWith(JAR)).sorted().toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static String absence() {
        return jars().isEmpty() ? "it is not fetched; benchmarks/run trees --jpmml fetches it (AGPL)" : null;
    }

    static String describe() {
        return jars().stream()
                .map(f -> f.getFileName().toString())
                .filter(f -> f.startsWith("pmml-evaluator-") && !f.contains("metro"))
                .findFirst()
                .orElse(null);
    }

    /**
     * Loads a PMML file.
     *
     * @param file the file
     * @return the model, with all optimisations that JPMML applies to loaded models
     * @throws IllegalStateException if JPMML is absent, or refuses the file
     */
    public static Evaluator load(Path file) {
        String absence = absence();
        if (absence != null) {
            throw new IllegalStateException("JPMML cannot run here: " + absence);
        }
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        ClassLoader own = loader();
        // The parser of JPMML looks for its parts through the thread's class loader.
        Thread.currentThread().setContextClassLoader(own);
        try {
            Class<?> type = own.loadClass(BUILDER);
            Object builder = type.getConstructor().newInstance();
            Class<?> visitors = own.loadClass("org.jpmml.model.visitors.VisitorBattery");
            type.getMethod("setVisitors", visitors)
                    .invoke(builder, own.loadClass(VISITORS).getConstructor().newInstance());
            type.getMethod("load", File.class).invoke(builder, file.toFile());
            Object evaluator = type.getMethod("build").invoke(builder);
            Class<?> evaluators = own.loadClass("org.jpmml.evaluator.Evaluator");
            evaluators.getMethod("verify").invoke(evaluator);
            MethodHandle evaluate = MethodHandles.publicLookup()
                    .findVirtual(evaluators, "evaluate", MethodType.methodType(Map.class, Map.class))
                    .bindTo(evaluator)
                    .asType(MethodType.methodType(Map.class, Map.class));
            // The sum of several models is an object that computes it.
            MethodHandle result = MethodHandles.publicLookup()
                    .findVirtual(
                            own.loadClass("org.jpmml.evaluator.Computable"),
                            "getResult",
                            MethodType.methodType(Object.class))
                    .asType(MethodType.methodType(Object.class, Object.class));
            return new Evaluator(evaluate, result);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JPMML refuses " + file, e);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    // The loader lives as long as the model that it has loaded.
    @SuppressWarnings("resource")
    private static ClassLoader loader() {
        List<URL> urls = new ArrayList<>();
        try {
            for (Path jar : jars()) {
                urls.add(jar.toUri().toURL());
            }
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
        return new URLClassLoader("jpmml", urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }
}
