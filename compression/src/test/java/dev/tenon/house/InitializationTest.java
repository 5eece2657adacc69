package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * No class of the libraries needs another one to be initialised that needs the first one. Two threads that begin at different
 * classes of such a ring wait for each other for ever, and the libraries make rules on a second thread. Calls through interfaces
 * and lambdas are not followed.
 */
class InitializationTest {
    private static final Map<String, ClassModel> CLASSES = new HashMap<>();
    private static final Map<String, MethodModel> METHODS = new HashMap<>();

    @BeforeAll
    static void readLibraries() throws IOException {
        for (String library : House.LIBRARIES) {
            try (Stream<Path> files = Files.walk(House.classes(library))) {
                for (Path file : files.filter(InitializationTest::isClass).toList()) {
                    read(ClassFile.of().parse(file));
                }
            }
        }
    }

    private static boolean isClass(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".class") && !name.endsWith("-info.class");
    }

    private static void read(ClassModel c) {
        String name = c.thisClass().asInternalName();
        CLASSES.put(name, c);
        for (MethodModel m : c.methods()) {
            METHODS.put(
                    name + "." + m.methodName().stringValue() + m.methodType().stringValue(), m);
        }
    }

    /** The classes that are initialised while a class is. */
    private static Set<String> initializedBy(String name) {
        Set<String> others = new TreeSet<>();
        ClassModel c = CLASSES.get(name);
        if (!c.flags().has(AccessFlag.INTERFACE)) {
            c.superclass().ifPresent(s -> others.add(s.asInternalName()));
            addInterfaces(c, others);
        }
        Set<String> seen = new HashSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(name + ".<clinit>()V"));
        while (!left.isEmpty()) {
            String next = left.poll();
            MethodModel method = METHODS.get(next);
            if (method == null || method.code().isEmpty() || !seen.add(next)) {
                continue;
            }
            for (CodeElement e : method.code().get()) {
                switch (e) {
                    case NewObjectInstruction i -> others.add(i.className().asInternalName());
                    case FieldInstruction i
                    when i.opcode() == Opcode.GETSTATIC || i.opcode() == Opcode.PUTSTATIC ->
                        others.add(i.owner().asInternalName());
                    case InvokeInstruction i -> follow(i, others, left);
                    default -> {
                        // It initialises nothing.
                    }
                }
            }
        }
        others.retainAll(CLASSES.keySet());
        others.remove(name);
        return others;
    }

    private static void follow(InvokeInstruction call, Set<String> others, Deque<String> left) {
        String owner = call.owner().asInternalName();
        ClassModel c = CLASSES.get(owner);
        if (call.opcode() == Opcode.INVOKESTATIC) {
            others.add(owner);
        }
        if (c != null && (call.opcode() != Opcode.INVOKEVIRTUAL || c.flags().has(AccessFlag.FINAL))) {
            left.add(owner + "." + call.name().stringValue() + call.type().stringValue());
        }
    }

    /** Interfaces with default methods are initialised before the classes that implement them. */
    private static void addInterfaces(ClassModel c, Set<String> others) {
        for (ClassEntry entry : c.interfaces()) {
            ClassModel i = CLASSES.get(entry.asInternalName());
            if (i == null) {
                continue;
            }
            if (i.methods().stream()
                    .anyMatch(m ->
                            !m.flags().has(AccessFlag.ABSTRACT) && !m.flags().has(AccessFlag.STATIC))) {
                others.add(entry.asInternalName());
            }
            addInterfaces(i, others);
        }
    }

    /** A ring that begins at a class, or null; classes that have been left are in no ring. */
    private static List<String> ring(String name, Map<String, Set<String>> graph, List<String> way, Set<String> left) {
        int at = way.indexOf(name);
        if (at >= 0) {
            return new ArrayList<>(way.subList(at, way.size()));
        }
        if (left.contains(name)) {
            return null;
        }
        way.add(name);
        for (String next : graph.get(name)) {
            List<String> found = ring(next, graph, way, left);
            if (found != null) {
                return found;
            }
        }
        way.removeLast();
        left.add(name);
        return null;
    }

    /** The class whose initialiser makes the objects of another one: an enum and its constants with bodies are one class here. */
    private static String whole(String name) {
        ClassModel c = CLASSES.get(name);
        boolean constant = c.flags().has(AccessFlag.ENUM)
                && c.superclass().isPresent()
                && CLASSES.containsKey(c.superclass().get().asInternalName());
        return constant ? c.superclass().get().asInternalName() : name;
    }

    @Test
    void noClassesWaitForEachOther() {
        Map<String, Set<String>> graph = new TreeMap<>();
        for (String name : CLASSES.keySet()) {
            Set<String> others = graph.computeIfAbsent(whole(name), key -> new TreeSet<>());
            for (String other : initializedBy(name)) {
                others.add(whole(other));
            }
            others.remove(whole(name));
        }
        Set<String> left = new HashSet<>();
        for (String name : graph.keySet()) {
            assertThat(ring(name, graph, new ArrayList<>(), left))
                    .as("classes that need each other to be initialised")
                    .isNull();
        }
        assertThat(graph).hasSizeGreaterThan(1000);
        assertThat(graph.get("dev/tenon/graph/rules/StandardRules"))
                .contains("dev/tenon/graph/rules/algebra/AlgebraRules");
    }
}
