package org.example.piimages.faults;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Inserts a call of {@link Steps#before} before each step of a class and, where a step fails by its return value, a call of
 * {@code Steps.after} after it. The name of a step consists of its place and what it calls, for example {@code LoopDevice.attach:ioctl};
 * the second one of that name in a method ends in {@code #2}.
 */
final class StepMarker extends ClassVisitor {

    private static final String STEPS = Type.getInternalName(Steps.class);
    private static final String SYSTEM_CALLS = "org/example/piimages/libc/SystemCall";
    private static final String VARIABLE_ARGUMENTS = "[Ljava/lang/Object;";

    private final String className;
    private final Map<String, Integer> seen = new HashMap<>();

    StepMarker(String className, ClassVisitor next) {
        super(Opcodes.ASM9, next);
        this.className = className.substring(className.lastIndexOf('$') + 1);
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
        return new InMethod(plain(name), super.visitMethod(access, name, descriptor, signature, exceptions));
    }

    /** The name of the method, or of the one that contains this lambda expression. */
    private static String plain(String method) {
        return method.startsWith("lambda$") ? method.split("\\$")[1] : method;
    }

    private final class InMethod extends MethodVisitor {

        private final String method;
        /**
         * The first argument of each call with variable arguments that is being prepared: for methods of Libc, the name of the C function
         * or of the system call.
         */
        private final Deque<String> functions = new ArrayDeque<>();
        private String lastText = "";

        InMethod(String method, MethodVisitor next) {
            super(Opcodes.ASM9, next);
            this.method = method;
        }

        @Override
        public void visitLdcInsn(Object value) {
            if (value instanceof String text) {
                lastText = text;
            }
            super.visitLdcInsn(value);
        }

        /** A system call that is made by its number is a constant of an enum, named like the call. */
        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            if (owner.equals(SYSTEM_CALLS)) {
                lastText = name.toLowerCase(Locale.ROOT);
            }
            super.visitFieldInsn(opcode, owner, name, descriptor);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            if (opcode == Opcodes.ANEWARRAY && type.equals("java/lang/Object")) {
                functions.push(lastText);
            }
            super.visitTypeInsn(opcode, type);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            String function = descriptor.contains(VARIABLE_ARGUMENTS) && !functions.isEmpty() ? functions.pop() : name;
            Kind kind = Kind.of(owner, name, descriptor, function);
            if (kind == null) {
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
                return;
            }
            boolean hasFunction = kind == Kind.CALL || kind == Kind.LOOK;
            String step = kind + " " + nameOf(hasFunction ? function : name);
            // The arguments of the method are on the stack already; the step goes on top of them and is removed again.
            super.visitLdcInsn(step);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, STEPS, "before", "(Ljava/lang/String;)V", false);
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            if (kind == Kind.EXIT || kind == Kind.WAIT || kind == Kind.ASK) {
                String result = Type.getReturnType(descriptor).getDescriptor();
                super.visitLdcInsn(step);
                super.visitMethodInsn(Opcodes.INVOKESTATIC, STEPS, "after", "(" + result + "Ljava/lang/String;)" + result, false);
            }
        }

        private String nameOf(String what) {
            String name = className + "." + method + ":" + what;
            int count = seen.merge(name, 1, Integer::sum);
            return count == 1 ? name : name + "#" + count;
        }
    }
}
