package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.OnnxFile;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the example of the README, a compact source file. */
class ReadmeExampleTest {
    private static final Pattern EXAMPLE = Pattern.compile("<!-- example -->\\s*```java\\n(.*?)```", Pattern.DOTALL);
    private static final String NAME = "Quickstart";

    @TempDir
    private Path folder;

    private static Path root() {
        return Path.of(System.getProperty("tenon.root", ".."));
    }

    private static String example() throws IOException {
        Matcher block = EXAMPLE.matcher(Files.readString(root().resolve("README.md")));
        assertThat(block.find())
                .as("README.md has a block of Java after <!-- example -->")
                .isTrue();
        return block.group(1);
    }

    private void compile(String source) {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///" + NAME + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        StringWriter messages = new StringWriter();
        List<String> options = List.of(
                "-Xlint:all,-path",
                "-Werror",
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("java.class.path"));
        boolean compiled = javac.getTask(messages, null, null, options, null, List.of(file))
                .call();
        assertThat(compiled).as("%s%n%s", source, messages).isTrue();
    }

    private String run(String argument) throws Exception {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        URL[] path = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, Model.class.getClassLoader());
                PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(capture);
            Class<?> example = loader.loadClass(NAME);
            Constructor<?> constructor = example.getDeclaredConstructor();
            constructor.setAccessible(true);
            Method main = example.getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(constructor.newInstance(), (Object) new String[] {argument});
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theExampleOfTheReadmeRuns() throws Exception {
        byte[] model = OnnxFile.graph("double")
                .input("x", "f32[n,4]")
                .initializer("two", Tensor.of(new float[] {2}))
                .node("Mul", List.of("x", "two"), List.of("y"))
                .output("y", "f32[n,4]")
                .bytes();
        Path file = Files.write(folder.resolve("model.onnx"), model);
        compile(example());
        assertThat(run(file.toString())).contains("2.0, 4.0, 6.0, 8.0");
    }
}
