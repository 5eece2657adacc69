/**
 * Tests of the finished jars. They compile programs against the jars and run them in separate processes, on the class
 * path and on the module path. They run after the packaging.
 *
 * <p>Must not live here: tests that need no jars. To add a program: put it into the folder {@code consumer}, and add a
 * test method here.
 */
package dev.tenon.samples.published;
