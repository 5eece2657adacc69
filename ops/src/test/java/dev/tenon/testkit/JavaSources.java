package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Java that a test has as text, compiled on the class path of the test. */
public final class JavaSources {
    private static final Pattern BLOCK = Pattern.compile("^```java\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    private JavaSources() {}

    /**
     * Compiles classes. Every warning is an error, and fails the test.
     *
     * @param folder the folder for the class files
     * @param sources the sources by the names of their classes
     * @param options more options of the compiler, such as the warnings that it gives
     */
    public static void compile(Path folder, Map<String, String> sources, String... options) {
        List<String> all = new ArrayList<>(List.of("-proc:none", "-Werror", "-d", folder.toString()));
        all.addAll(List.of("-cp", System.getProperty("java.class.path")));
        all.addAll(List.of(options));
        StringWriter messages = new StringWriter();
        List<JavaFileObject> files = sources.entrySet().stream()
                .map(each -> file(each.getKey(), each.getValue()))
                .toList();
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(messages, null, null, all, null, files)
                .call();
        assertThat(compiled).as("%s", messages).isTrue();
    }

    private static JavaFileObject file(String name, String source) {
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }

    /**
     * Compiles the blocks of Java on a page of Markdown, each as the body of a method.
     *
     * @param folder the folder for the class files
     * @param page the page
     * @param packages the packages that the reader has imported
     * @return the number of blocks
     * @throws IOException if the page can't be read
     */
    public static int compileBlocks(Path folder, Path page, String... packages) throws IOException {
        String imports =
                Stream.of(packages).map(name -> "import " + name + ".*; ").collect(Collectors.joining());
        Map<String, String> sources = new LinkedHashMap<>();
        for (MatchResult block : BLOCK.matcher(Files.readString(page)).results().toList()) {
            String name = "Block" + sources.size();
            sources.put(name, imports + "class " + name + " { void run() throws Exception {" + block.group(1) + "}}");
        }
        compile(folder, sources);
        return sources.size();
    }
}
